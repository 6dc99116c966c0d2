# frozen_string_literal: true

module CrmSync
  module Contacts
    # What is to be said of values that the host puts back.
    # @api private
    class PutBackIssues
      SHOWN = 10
      BY = { "model" => "the callbacks or types of %<model>s", "database" => "a trigger or rule of the table %<table>s" }
           .freeze
      private_constant :SHOWN, :BY

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @param refused [Hash{CrmSync::Change => Hash{Symbol => String}}] by change the columns, and who puts them back
      # @return [Array<CrmSync::Issue>] one for each column and for each who does it
      def of(refused)
        rows = refused.flat_map { |change, columns| columns.map { |column, by| [column, by, change] } }
        rows.group_by { |column, by, _| [column, by] }.sort.map do |(column, by), found|
          issue(column, by, found.map(&:last))
        end
      end

      private

      def issue(column, by, changes)
        keys = changes.map(&:key)
        value = Confidential.value(column, changes.first.after[column])
        message = "#{column} of #{list(keys)} stays as it is: #{who(by)} put it back when #{value} was written, and " \
                  "nothing followed. It is tried again when Salesforce or the record says something else, or after " \
                  "#{@schema.declaration.name}.thaw(#{keys.first.inspect})"
        Issue.new(kind: :put_back, message:, users: keys, contacts: changes.filter_map { |one| one.try(:contact_id) }.uniq)
      end

      def who(by)
        format(BY.fetch(by), model: @schema.model.name, table: @schema.model.table_name)
      end

      def list(keys)
        more = " and #{Presentable.count(keys.size - SHOWN)} more" if keys.size > SHOWN
        "#{"user".pluralize(keys.size)} #{keys.first(SHOWN).join(", ")}#{more}"
      end
    end
  end
end
