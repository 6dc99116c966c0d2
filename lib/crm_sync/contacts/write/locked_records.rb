# frozen_string_literal: true

require_relative "../read/keyed_rows"
require_relative "contact_locks"
require_relative "row_lock"

module CrmSync
  module Contacts
    # Locks records and the contacts that they get, and loads each record in its turn, together with the conditions that
    # the database evaluates for it. The locking query cannot evaluate them, because the model's default scope may join
    # rows that cannot be locked.
    class LockedRecords
      # A record, whether the sync is about it, whether it is in the scope that its change requires, and the id of its
      # contact. There is no record if the row is gone, or if the model's default scope or type hides it.
      Found = Struct.new(:record, :concerned, :in_scope, :link)

      THERE = "crm_sync_there"
      CONCERNED = "crm_sync_concerned"
      IN_SCOPE = "crm_sync_in_scope"
      private_constant :THERE, :CONCERNED, :IN_SCOPE

      # @return [RowLock] the kind of lock
      attr_reader :row_lock

      # @param schema [CrmSync::Contacts::Schema]
      # @param presence [Premises::Presence]
      # @param concern [Premises::Concern]
      # @param scope [Premises::Scope]
      def initialize(schema, presence, concern, scope)
        @schema = schema
        @model = schema.model
        @presence = presence
        @concern = concern
        @scope = scope
        @contacts = ContactLocks.new(schema)
        @row_lock = RowLock.new(schema)
        @rows = Hash.new { |rows, name| rows[name] = KeyedRows.new(schema, selected(name)) }
      end

      # Locks the records of a batch in the order of their keys, in which everybody else locks them too. Nothing is
      # checked: a query that has to wait for a row reads only that row again, and all others as they were before it
      # waited. It waits only for a single record.
      # @param changes [Array<CrmSync::Change>]
      # @return [Array<CrmSync::Change>] the changes whose records somebody else keeps locked
      def lock(changes)
        return wait_for(changes) && [] if changes.one?

        lock_free(changes).tap { |locked| @contacts.take(changes - locked) }
      end

      # Locks all records in the order of their keys, and the contacts that they get. Waits for records that somebody
      # else keeps locked.
      # @param changes [Array<CrmSync::Change>]
      # @return [Array<Object>] the keys of the records
      def wait_for(changes)
        key = @model.primary_key.to_sym
        keys = locking(changes).order(key).lock(row_lock.sql(changes)).pluck(key)
        keys.tap { @contacts.take(changes) }
      end

      # @param change [CrmSync::Change] a change whose record is locked
      # @return [Found] the record as it is now
      def load(change) = found(rows([change])[change])

      # Reads the rows of records, by one query for each scope that their changes require.
      # @param changes [Array<CrmSync::Change>] changes whose records are locked
      # @return [Hash{CrmSync::Change => Hash}] for each change whose record is there, the row with the conditions that
      #   the database has evaluated for it
      def rows(changes)
        changes.group_by { |change| @scope.of(change) }.map { |scope, some| read(some, scope) }.reduce({}, :merge)
      end

      # Reads the row of a change and that of a record that has been written, by one query.
      # @param change [CrmSync::Change]
      # @param written [CrmSync::Change] the change that was written; its row need not be in a scope any more
      # @return (see #rows)
      def rows_of_two(change, written) = read([change, written], @scope.of(change))

      # @param row [Hash, nil] a row of {#rows}
      # @param record [ActiveRecord::Base, nil] its record, if that has been loaded
      # @return [Found]
      def found(row, record = nil)
        return Found.new unless row && row[THERE] == 1

        record ||= @schema.complete(@model.instantiate(row.except(THERE, CONCERNED, IN_SCOPE)))
        Found.new(record, row[CONCERNED] == 1, row[IN_SCOPE] == 1, @schema.link.lock(record))
      end

      # @param changes (see #rows)
      # @param associations [Array<Symbol>] associations that are loaded with the records
      # @return [Hash{CrmSync::Change => ActiveRecord::Base}] the record of each change that has one
      def load_all(changes, associations)
        records = @schema.load_records(changes.map(&:key), associations)
        changes.to_h { |change| [change, records[@schema.canonical_key(change.key)]] }
      end

      private

      def read(changes, scope)
        key = @model.primary_key
        found = @rows[scope].of(changes.map(&:key))
        found = found.index_by { |row| @schema.canonical_key(@schema.type(key).deserialize(row[key])) }
        changes.to_h { |change| [change, found[@schema.canonical_key(change.key)]] }.compact
      end

      # Returns the changes whose records somebody else keeps locked.
      def lock_free(changes)
        key = @model.primary_key.to_sym
        free = locking(changes).order(key).lock("#{row_lock.sql(changes)} SKIP LOCKED")
        missing = without(changes, free.pluck(key))
        missing.any? ? missing - without(missing, locking(missing).pluck(key)) : []
      end

      def locking(changes)
        @schema.keyed(@model.unscoped, changes.map(&:key))
      end

      def without(changes, keys)
        found = keys.to_set { |key| @schema.canonical_key(key) }
        changes.reject { |change| found.include?(@schema.canonical_key(change.key)) }
      end

      def selected(scope)
        columns = @model.column_names.map { |name| @model.arel_table[name] }
        @model.unscoped.select(*columns, flag(@presence.sql, THERE), flag(@concern.sql, CONCERNED),
                               flag(@scope.sql(scope), IN_SCOPE))
      end

      # Returns SQL for a number, which is the same in every database.
      def flag(sql, name) = Arel.sql("CASE WHEN #{sql} THEN 1 ELSE 0 END AS #{name}")
    end
    private_constant :LockedRecords
  end
end
