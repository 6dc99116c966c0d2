# frozen_string_literal: true

require_relative "../read/keyed_rows"

module CrmSync
  module Contacts
    # Loads records that are locked, each when its turn has come, together with what the database says of it. The
    # locking statement cannot say that: the model's default scope may join what cannot be locked.
    class LockedRecords
      THERE = "crm_sync_there"
      IN_SCOPE = "crm_sync_in_scope"
      private_constant :THERE, :IN_SCOPE

      # @param schema [CrmSync::Contacts::Schema]
      # @param conditions [CrmSync::Contacts::Conditions]
      def initialize(schema, conditions)
        @model = schema.model
        @conditions = conditions
        @rows = Hash.new { |rows, scope| rows[scope] = KeyedRows.new(schema, selected(scope)) }
      end

      # @param key [Object] of a record
      # @param scope [Symbol, nil] a scope of the model
      # @return [Array(ActiveRecord::Base, Boolean)] the record, and whether it is in the scope; nothing if the model's
      #   default scope does not let it through
      def load(key, scope = nil)
        row = @rows[scope].of([key]).first
        return [] unless row && row[THERE] == 1

        [@model.instantiate(row.except(THERE, IN_SCOPE)), row[IN_SCOPE] == 1]
      end

      private

      def selected(scope)
        columns = @model.column_names.map { |name| @model.arel_table[name] }
        @model.unscoped.select(*columns, flag(@conditions.there, THERE),
                               flag(scope ? @conditions.in_scope(scope) : "(1 = 1)", IN_SCOPE))
      end

      # Asks for a number, which is the same in every database.
      def flag(sql, name) = Arel.sql("CASE WHEN #{sql} THEN 1 ELSE 0 END AS #{name}")
    end
    private_constant :LockedRecords
  end
end
