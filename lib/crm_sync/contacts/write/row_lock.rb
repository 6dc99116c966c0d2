# frozen_string_literal: true

module CrmSync
  module Contacts
    # Tells which lock the rows of users need. SQLite locks no rows.
    #
    # While a transaction has a new row that refers to a user by a foreign key, PostgreSQL holds a KEY SHARE lock on the
    # user's row for it. That lock does not block most updates of the user, nor does it block FOR NO KEY UPDATE, but it
    # does block FOR UPDATE. So FOR UPDATE is only for changes that need it:
    #
    # - Those of a column with a unique index, to which a foreign key could refer: their UPDATE takes this lock itself,
    #   and would wait for it while the locks of a whole batch are held.
    # - Those of the row with the contact's id, if the id has a row of its own: FOR UPDATE waits for a row that the app
    #   has just created, and keeps it from creating one, if that row has a foreign key to the user.
    class RowLock
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @param changes [Array<CrmSync::Change>]
      # @return [String] SQL that locks the rows of these changes, at the end of a SELECT
      def sql(changes)
        written = changes.flat_map { |change| change.after.keys }
        strong.intersect?(written.to_set) ? "FOR UPDATE" : "FOR NO KEY UPDATE"
      end

      private

      # Returns the names of the values whose changes need FOR UPDATE.
      def strong
        @strong ||= begin
          link = @schema.link
          keys = @schema.postgresql? ? Database.for(@schema.connection).key_columns(@schema.model) : []
          [*keys.map(&:to_sym), *(link.name if link.beside?(link.name))].to_set
        end
      end
    end
    private_constant :RowLock
  end
end
