# frozen_string_literal: true

require_relative "decided_changes"

module CrmSync
  module Contacts
    # Represents a decision of the core, with its numbers converted to values.
    class Decision
      # @param schema [CrmSync::Contacts::Schema]
      # @param numbers [Numbers]
      # @param result [Hash{Symbol => Object}] the decision
      def initialize(schema, numbers, result)
        @schema = schema
        @numbers = numbers
        @result = result
      end

      # @return [Array<CrmSync::Contacts::Change>] all changes, sorted by primary key
      def changes
        @changes ||= DecidedChanges.new(@schema, @numbers, @result[:changes]).to_a
      end

      # @param keys [Array<Object>, nil] the primary keys of records
      # @return [Array<CrmSync::Change>] the changes of these records; all changes if +keys+ is nil
      def changes_of(keys)
        return changes unless keys

        wanted = keys.to_set { |key| @schema.text_of_key(key) }
        changes.select { |change| wanted.include?(@schema.text_of_key(change.key)) }
      end

      # @return [Array<CrmSync::Issue>]
      def issues
        @issues ||= @result[:issues].map { |issue| Issue.new(**issue) }
      end

      # @return [Integer] the number of contacts that users are or will be linked to
      def followed_contacts
        @result[:ledger][:contacts][:buckets].values_at(:linked, :matched).compact.sum
      end

      # @return [Integer] the number of changes
      def change_count
        @result[:changes].size
      end

      # @return [Hash{Symbol => Integer}, nil] for each budget, the number of users whom it could concern; nil if not
      #   all of them were read
      def could_suffer
        @result[:could_suffer]
      end

      # @return [Boolean] whether the model cannot read one of the values in the database
      def unreadable? = @numbers.unreadable?

      # @param changes [Array<CrmSync::Change>] the planned changes
      # @param read [CrmSync::Contacts::Read] how contacts and leads were read
      # @return [CrmSync::Ledger]
      def ledger(changes, read)
        books = @result[:ledger].to_h do |name, book|
          [name, Ledger::Book.new(**book, notes: { **book[:notes], **read.notes(name) })]
        end
        Ledger.new(books.merge(changes: Ledger::Book.of_changes(changes)))
      end
    end
    private_constant :Decision
  end
end
