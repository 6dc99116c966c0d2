# frozen_string_literal: true

require_relative "../../store/beside"

module CrmSync
  module Contacts
    # Checks that write-backs can be recorded in the transactions of the changes.
    class OutboxCheck
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @model = schema.model
        @write_backs = schema.declaration.write_backs
      end

      # @raise [CrmSync::ConfigurationError] when the table of the outbox is missing in the model's database
      def run
        return if @write_backs.empty? || Outbox.installed?(@model)

        raise ConfigurationError, "#{@write_backs.first.line}: write_back needs the table #{OutboxRow.table_name} in " \
                                  "the database of #{@model.name}; run: #{Beside.commands(@model)}"
      end
    end
    private_constant :OutboxCheck
  end
end
