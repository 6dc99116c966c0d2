# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds the records whose written columns somebody has changed since the watch began. If the model has +updated_at+,
    # and nothing is written beside it, only records that have been touched are compared; all values are in memory
    # meanwhile.
    class Watch
      BATCH = 10_000
      private_constant :BATCH

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @model = schema.model
        @users = schema.users
        @link = schema.link
        @columns = [*schema.columns, Arel.sql(@link.sql)]
        @started = Time.current
        @before = values(@users)
      end

      # @return [Array<Object>] the keys of the records whose columns have changed
      def changed
        touched = stamped? ? @users.where(@model.arel_table[:updated_at].gteq(@started.floor)) : @users
        values(touched).reject { |key, digest| @before[key] == digest }.keys
      end

      private

      def stamped?
        @link.model.equal?(@model) && @model.column_names.include?("updated_at")
      end

      # Returns a number for the values of each record, which is enough to tell whether they are equal.
      def values(records)
        records.in_batches(of: BATCH).each_with_object({}) do |batch, digests|
          @link.joined(batch).pluck(@model.primary_key, *@columns).each { |key, *row| digests[key] = row.hash }
        end
      end
    end
    private_constant :Watch
  end
end
