# frozen_string_literal: true

module CrmSync
  module Contacts
    # Builds the issues about values that the host puts back.
    class PutBackIssues
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @param refused [Hash{CrmSync::Change => Hash{Symbol => String}}] for each change, the columns and who puts them
      #   back
      # @return [Array<CrmSync::Issue>] one issue for each set of columns that are put back together
      def of(refused)
        rows = refused.flat_map { |change, columns| culprits(columns).map { |by, names| [by, names, change] } }
        rows.group_by { |by, names, _| [by, names] }.sort.map do |(by, names), found|
          issue(by, names, found.map(&:last).sort_by(&:key))
        end
      end

      private

      def culprits(columns)
        columns.group_by(&:last).transform_values { |found| found.map(&:first) }
      end

      def issue(by, columns, changes)
        keys = changes.map(&:key)
        values = columns.map { |column| "#{column} #{Confidential.value(column, changes.first.after[column])}" }
        message = "what was written to #{Presentable.named("user", keys)} did not stay (#{values.join(", ")}): " \
                  "#{who(by, columns)} put it back or dropped it, and nothing followed. It is tried again when " \
                  "Salesforce or the record says something else, or after " \
                  "#{@schema.declaration.name}.thaw(#{keys.first.inspect})"
        contacts = changes.filter_map { |change| change.try(:contact_id) }.uniq
        Issue.new(kind: :put_back, message:, users: keys, contacts:)
      end

      def model(columns)
        columns.all? { |column| @schema.link.beside?(column) } ? @schema.link.model : @schema.model
      end

      def who(by, columns)
        model = model(columns)
        return "the callbacks or types of #{model.name}" if by == "model"

        "a trigger of #{model.table_name}, or a callback that writes past the model,"
      end
    end
    private_constant :PutBackIssues
  end
end
