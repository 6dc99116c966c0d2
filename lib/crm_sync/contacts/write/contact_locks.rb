# frozen_string_literal: true

module CrmSync
  module Contacts
    # Keeps apart two transactions that give one contact to users: that of a run, and that of a person who is synced
    # beside it. Both ask whether somebody has the contact already, and neither sees what the other has not committed.
    #
    # Each locks the contacts that it gives, after its rows and before it asks. What gives thousands at once locks the
    # whole table against the others in their place.
    class ContactLocks
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # Locks the contacts that changes give, in the order of their ids, until the transaction ends.
      # @param changes [Array<CrmSync::Change>]
      # @return [void]
      def take(changes)
        ids = changes.select { |change| gives?(change) }.map(&:contact_id).uniq.sort
        database.lock_names(ids.map { |id| "#{name}: #{id}" }, within: name) if ids.any?
      end

      # Locks all contacts until the transaction ends.
      # @param changes (see #take)
      # @return [void]
      def take_all(changes)
        database.lock_name(name) if changes.any? { |change| gives?(change) }
      end

      private

      def name = @name ||= "crm_sync contacts of #{@schema.model.quoted_table_name} in #{@schema.place}"

      # Asks for the connection of the thread that writes, which need not be the one that has planned.
      def database = Database.for(@schema.connection)

      def gives?(change)
        @schema.declaration.sharing == :hold && %i[link relink].include?(change.action)
      end
    end
    private_constant :ContactLocks
  end
end
