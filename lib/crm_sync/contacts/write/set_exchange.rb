# frozen_string_literal: true

require_relative "exchange"
require_relative "set_statement"
require_relative "set_table"

module CrmSync
  module Contacts
    # Writes records that exchange their contacts without going through the model, by one statement.
    module SetExchange
      include Exchange

      private

      # @param records [Hash{CrmSync::Change => ActiveRecord::Base}] the records as they were judged
      # @return [Hash{CrmSync::Change => CrmSync::Change}] each change as it was stored
      def save_together(records)
        changes = records.keys
        finish(changes, SetTable.new(@schema, @premises, changes).open { |table| write_all(table, changes) })
      end

      # @return [Array<CrmSync::Change>] the changes whose records may not be as they were written
      def write_all(table, changes)
        statement = SetStatement.new(@schema, @premises, table)
        run(statement.judged(changes))
        table.numbered(run(statement.unlike))
      end
    end
    private_constant :SetExchange
  end
end
