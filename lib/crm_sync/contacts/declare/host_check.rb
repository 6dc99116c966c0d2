# frozen_string_literal: true

require_relative "../../store/database"
require_relative "../../sync/block_check"
require_relative "column_check"
require_relative "index_check"
require_relative "key_check"
require_relative "link_check"
require_relative "outbox_check"
require_relative "reference_check"
require_relative "schema_check"
require_relative "set_check"
require_relative "table_check"
require_relative "text_check"
require_relative "write_check"

module CrmSync
  module Contacts
    # Checks a declaration against the app before anything is read. It reports all problems at once.
    module HostCheck
      # The checks. Each is created with a {Schema}, and returns from +problems+ pairs of a line of the declaration and
      # a problem.
      CHECKS = [SchemaCheck, LinkCheck, KeyCheck, ReferenceCheck, TextCheck, ColumnCheck, WriteCheck, SetCheck].freeze
      private_constant :CHECKS

      # @param schema [CrmSync::Contacts::Schema]
      # @return [void]
      # @raise [CrmSync::MappingError] when the declaration does not fit the app; the message names each line and says
      #   how to correct it
      # @raise [CrmSync::ConfigurationError] when the database is not supported, lacks a table that is needed, or has a
      #   session in another encoding
      def self.run(schema)
        Database.for(schema.connection)
        TableCheck.new(schema).run
        problems = CHECKS.flat_map { |check| check.new(schema).problems }
        schema.declaration.refuse_all(problems + BlockCheck.new(schema.declaration).problems)
        Database.check_encoding(schema.connection)
        OutboxCheck.new(schema).run
      end

      # @param schema [CrmSync::Contacts::Schema] a schema that has passed {.run}
      # @return [Array<CrmSync::Issue>] problems that should be corrected, but that prevent no run
      def self.issues(schema)
        IndexCheck.new(schema).issues
      end
    end
    private_constant :HostCheck
  end
end
