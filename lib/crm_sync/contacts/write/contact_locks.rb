# frozen_string_literal: true

module CrmSync
  module Contacts
    # Locks contacts, so that two transactions do not give one contact to users at the same time: that of a run or an
    # undo, and that of a person who is synced in parallel. Each of them checks whether somebody has the contact
    # already, and neither sees what the other has not committed. The check must see what was committed while the lock
    # was waited for, so it needs a transaction that does (see {Database::Transactions#writing}).
    #
    # A transaction locks the contacts that it gives after it has locked its rows, and before it checks. {SetWriter},
    # which gives hundreds of contacts at once, locks all contacts of the table instead, which keeps the others out.
    class ContactLocks
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # Locks the contacts that changes give to users, in the order of their ids, until the transaction ends.
      # @param changes [Array<CrmSync::Change>]
      # @return [void]
      def take(changes)
        ids = changes.filter_map { |change| given(change) }.uniq.sort
        database.lock_names(ids.map { |id| "#{name}: #{id}" }, within: name) if ids.any?
      end

      # Locks all contacts until the transaction ends, if one of the changes gives a contact.
      # @param changes (see #take)
      # @return [void]
      def take_all(changes)
        database.lock_name(name) if changes.any? { |change| given(change) }
      end

      private

      def name = @name ||= "crm_sync contacts of #{@schema.model.quoted_table_name} in #{@schema.place}"

      # Returns the database of the current thread's connection: the thread that writes need not be the one that
      # planned.
      def database = Database.for(@schema.connection)

      # Returns the id of the contact that a change gives to a user, always in the same spelling; nil if it gives none,
      # or if others may have it as well.
      def given(change)
        return unless @schema.declaration.sharing == :hold

        case change.action
        when :link, :relink then change.contact_id
        when :undo, :redo then change.after[@schema.link.name].presence&.then { |id| RecordId.same(id) }
        end
      end
    end
    private_constant :ContactLocks
  end
end
