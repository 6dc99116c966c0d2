# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds the records whose written columns somebody has changed since the watch began. If the model has +updated_at+,
    # and the contact's id is in the model's own table, only records that were touched since then are compared. A digest
    # of each record is kept in memory, of the values in the form of the database: the model may be unable to read them.
    class Watch
      BATCH = 10_000
      private_constant :BATCH

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @model = schema.model
        @link = schema.link
        table = @model.arel_table
        @columns = [@model.primary_key, *schema.columns].map { |name| table[name] } << Arel.sql(@link.sql)
        @users = schema.users
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

      # Returns a digest of the values of each record, which is enough to tell whether they are equal.
      def values(records)
        key = @model.type_for_attribute(@model.primary_key)
        records.in_batches(of: BATCH).each_with_object({}) do |batch, digests|
          rows(batch).each { |number, *row| digests[key.deserialize(number)] = row.hash }
        end
      end

      def rows(batch)
        # Leaves out the columns that a default scope selects, which would come first.
        Database.connection(@model).select_rows(@link.joined(batch).reselect(*@columns).to_sql)
      end
    end
    private_constant :Watch
  end
end
