# frozen_string_literal: true

require_relative "../../notices/confidential"
require_relative "facts"
require_relative "locked_records"
require_relative "premises/columns"
require_relative "premises/concern"
require_relative "premises/link"
require_relative "premises/matched_value"
require_relative "premises/presence"
require_relative "premises/references"
require_relative "premises/scope"
require_relative "premises/sole_contact"
require_relative "records_in_turn"

module CrmSync
  module Contacts
    # The premises of a change: what must still hold when it is written. Each premise is a class in +premises/+.
    class Premises
      # All premises, in the order in which the first one that has moved is reported.
      KINDS = [Presence, Concern, Link, Columns, References, MatchedValue, SoleContact, Scope].freeze
      # The names of the values of the premises.
      VALUES = KINDS.flat_map { |kind| kind::VALUES }.freeze
      # The form of these values in a plan file.
      FORM = KINDS.map { |kind| kind::FORM }.reduce(:merge).freeze
      private_constant :KINDS, :VALUES

      # The values that were known when the change was decided, and the names for an audit trail. They include a
      # person's address, which is never shown.
      Basis = Struct.new(:key_name, :link_name, *VALUES, keyword_init: true) do
        include Confidential
      end

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        premises = KINDS.to_h { |kind| [kind, kind.new(schema)] }
        @all = premises.values
        @valued = @all.reject { |premise| premise.class::VALUES.empty? }
        @belonging = premises.values_at(Presence, Concern)
        @columns = premises[Columns]
        @records = LockedRecords.new(schema, *@belonging, premises[Scope])
      end

      # @param row [Hash{Symbol => Object}] a change as the core gives it
      # @param references [Hash{Symbol => Object}, nil] see {References}
      # @return [Basis]
      def basis(row, references)
        based(row.slice(*VALUES).merge!(references:))
      end

      # @param basis [Basis]
      # @return [Hash{String => Object}] for a plan file
      def dump(basis)
        @valued.reduce({}) { |kept, premise| kept.update(premise.dump(basis)) }.compact
      end

      # @param kept [Hash{String => Object}] the values in a plan file
      # @param stale [Proc] raises an error with the problem
      # @return [Basis]
      def restore(kept, stale)
        based(@valued.reduce({}) { |values, premise| values.update(premise.load(kept, stale)) })
      end

      # @param written [Array<Symbol>] the model's columns that the changes of a batch write
      # @return [Array<SetColumns::Column>] the columns of the batch that hold the values of all premises
      def columns(written)
        @all.flat_map { |premise| premise.columns(written) }
      end

      # @param written (see #columns)
      # @return [Array<String>] SQL conditions under which all premises certainly hold
      def conditions(written)
        @all.flat_map { |premise| premise.conditions(written) }
      end

      # @param changes [Array<CrmSync::Change>]
      # @return [Array<CrmSync::Change>] the changes for which the conditions cannot tell
      def doubtful(changes)
        @all.flat_map { |premise| premise.doubtful(changes) }
      end

      # @param changes [Array<CrmSync::Change>]
      # @return [String] the SQL with which their records are locked
      def row_lock(changes) = @records.row_lock.sql(changes)

      # @param changes (see LockedRecords#lock)
      # @return (see LockedRecords#lock)
      def lock(changes) = @records.lock(changes)

      # @param changes (see LockedRecords#wait_for)
      # @return (see LockedRecords#wait_for)
      def wait_for(changes) = @records.wait_for(changes)

      # @param changes [Array<CrmSync::Change>] the changes of a batch, locked
      # @param together (see Facts#initialize)
      # @return [Facts] the facts by which they are judged besides their own records; its queries must start after the
      #   lock
      def facts(changes, together: false) = Facts.new(@all, changes, together:)

      # @param changes (see RecordsInTurn#initialize)
      # @param preloaded (see RecordsInTurn#initialize)
      # @return [RecordsInTurn] the records of a batch
      def in_turn(changes, preloaded) = RecordsInTurn.new(@records, changes, preloaded)

      # @param change (see LockedRecords#load)
      # @return [Array(LockedRecords::Found, String)] the record as it is now, and the reason that the sync is not about
      #   it any more, if there is one
      def load(change)
        found = @records.load(change)
        [found, first(@belonging) { |premise| premise.moved(change, found, nil) }]
      end

      # Checks the premises of a change. Must be called in the transaction of the lock.
      # @param change [CrmSync::Change]
      # @param facts [Facts] the facts of the change's batch
      # @param found [LockedRecords::Found] the record as it is now
      # @return [Array(ActiveRecord::Base, String)] the record, and what has changed since the plan, if anything has
      def judge(change, facts, found = @records.load(change))
        [found.record, first(@all) { |premise| premise.moved(change, found, facts) }]
      end

      # Checks again, at the end of a batch, what is not in the records themselves, which are locked.
      # @param changes [Array<CrmSync::Change>] changes that were written
      # @return [Boolean] whether a premise has moved since they were judged
      def moved_since?(changes)
        facts = facts(changes)
        changes.any? { |change| first(@all) { |premise| premise.moved_beside(change, facts) } }
      end

      # @param changes [Array<CrmSync::Change>] changes that were written
      # @return [Hash{CrmSync::Change => String}] what has moved since they were judged, outside of the records
      def moved_beside(changes)
        facts = facts(changes)
        changes.to_h { |change| [change, first(@all) { |premise| premise.moved_beside(change, facts) }] }.compact
      end

      # @param change [CrmSync::Change]
      # @param record [ActiveRecord::Base] the record as it is now
      # @return [String, nil] a message about a column other than the contact's that has changed
      def columns_moved(change, record)
        @columns.moved(change, LockedRecords::Found.new(record), nil)
      end

      private

      # Returns the first result of the block that is not nil. Later premises are not checked.
      def first(premises)
        premises.each do |premise|
          moved = yield premise
          return moved if moved
        end
        nil
      end

      def based(values)
        @key_name ||= :"#{@schema.model.model_name.element}_id"
        Basis.new(key_name: @key_name, link_name: @schema.link.name, **values).freeze
      end
    end
    private_constant :Premises
  end
end
