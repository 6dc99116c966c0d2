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
require_relative "text_check"
require_relative "write_check"

module CrmSync
  module Contacts
    # Checks a declaration against the app before anything is read, and reports everything that does not fit at once.
    module HostCheck
      # Checks that are made of a {Schema} and answer +problems+: pairs of a line of the declaration and the problem
      # there.
      CHECKS = [SchemaCheck, LinkCheck, KeyCheck, ReferenceCheck, TextCheck, ColumnCheck, WriteCheck, SetCheck].freeze
      private_constant :CHECKS

      # @param schema [CrmSync::Contacts::Schema]
      # @return [void]
      # @raise [CrmSync::MappingError] when something does not fit; the message names each line and the mend
      # @raise [CrmSync::ConfigurationError] for a database that crm_sync does not know, one without a table it needs,
      #   or a session in another encoding
      def self.run(schema)
        Database.for(schema.connection)
        problems = CHECKS.flat_map { |check| check.new(schema).problems }
        schema.declaration.refuse_all(problems + BlockCheck.new(schema.declaration).problems)
        Database.check_encoding(schema.connection)
        OutboxCheck.new(schema).run
      end

      # @param schema [CrmSync::Contacts::Schema] one that fits
      # @return [Array<CrmSync::Issue>] what keeps no run from working, and should be mended
      def self.issues(schema)
        IndexCheck.new(schema).issues
      end
    end
    private_constant :HostCheck
  end
end
