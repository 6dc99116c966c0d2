# frozen_string_literal: true

module CrmSync
  module Contacts
    # The SQL that {SetStatement} and the premises have in common: the columns of the record and of the batch, and the
    # condition that two of them are the same.
    module SetSql
      # The name of the batch's table. No table of the migration has it, because a temporary table hides a table of the
      # same name. All columns start with crm_sync_, so that no name in a host's scope can refer to one of them.
      NAME = "crm_sync_batch"

      private

      # Compares values as texts, byte for byte: a type's own equality may distinguish less than the model does
      # (citext), and some types have none (json).
      def same(one, other)
        "((#{one})::text COLLATE \"C\" IS NOT DISTINCT FROM (#{other})::text)"
      end

      # Returns the name of a column of the record.
      def own(name)
        "#{@model.quoted_table_name}.#{quote(name)}"
      end

      # Returns the name of a column of the batch.
      def given(name)
        "#{NAME}.crm_sync_#{name}"
      end

      def quote(name)
        @schema.connection.quote_column_name(name)
      end
    end
    private_constant :SetSql
  end
end
