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
      # @return [Array<CrmSync::Issue>] one for each columns that come back together
      def of(refused)
        rows = refused.flat_map do |change, columns|
          columns.group_by(&:last).map { |by, found| [by, found.map(&:first), change] }
        end
        rows.group_by { |by, columns, _| [by, columns] }.sort.map { |(by, columns), found| issue(by, columns, found.map(&:last)) }
      end

      private

      def issue(by, columns, changes)
        keys = changes.map(&:key)
        values = columns.map { |column| "#{column} #{Confidential.value(column, changes.first.after[column])}" }
        message = "what was written to #{list(keys)} did not stay (#{values.join(", ")}): #{who(by)} put it back or " \
                  "dropped it, and nothing followed. It is tried again when Salesforce or the record says something " \
                  "else, or after #{@schema.declaration.name}.thaw(#{keys.first.inspect})"
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
