# frozen_string_literal: true

require_relative "../../store/preemptible"
require_relative "../write/premises"
require_relative "costs"

module CrmSync
  module Contacts
    # Turns the numbers in a decision of the core back into values.
    class Decision
      LINKING = %i[link relink unlink].freeze
      # Number of changes that are handed over at once: what the core says of them takes more memory than they do.
      SLICE = 200
      private_constant :LINKING, :SLICE

      # @param schema [CrmSync::Contacts::Schema]
      # @param numbers [Numbers]
      # @param session [CrmSync::Native::ContactSession] a session that has decided; asked for changes while it is open
      # @param result [Hash{Symbol => Object}] the rest of the decision
      def initialize(schema, numbers, session, result)
        @schema = schema
        @declaration = schema.declaration
        @numbers = numbers
        @session = session
        @result = result
        @premises = Premises.new(schema)
        @parts = {}
      end

      # @return [Array<CrmSync::Change>] all changes, in the order of the keys
      def changes
        @changes ||= (0...change_count).step(SLICE).flat_map do |from|
          Preemptible.new(@session.changes(from, SLICE)).map { |row| change(row) }
        end
      end

      # @param keys [Array<Object>, nil]
      # @return [Array<CrmSync::Change>] the changes of these records; all changes if +keys+ is nil
      def changes_of(keys)
        return changes unless keys

        wanted = keys.to_set
        changes.select { |change| wanted.include?(change.key) }
      end

      # @return [Array<CrmSync::Issue>]
      def issues
        @issues ||= @result[:issues].map { |issue| Issue.new(**issue) }
      end

      # @return [Integer] the number of contacts that users have or get
      def followed_contacts
        @result[:ledger][:contacts][:buckets].values_at(:linked, :matched).compact.sum
      end

      # @return [Integer] the number of changes
      def change_count
        @result[:change_count]
      end

      # @return [Hash{Symbol => Integer}, nil] for each budget, the number of users whom it could concern; nil where not
      #   all of them were read
      def could_suffer
        @result[:could_suffer]
      end

      # @param changes [Array<CrmSync::Change>] the planned changes
      # @param read [CrmSync::Contacts::Read] the way in which contacts and leads were read
      # @return [CrmSync::Ledger]
      def ledger(changes, read)
        books = @result[:ledger].to_h do |name, book|
          [name, Ledger::Book.new(**book, notes: { **book[:notes], **read.notes(name) })]
        end
        Ledger.new(books.merge(changes: Ledger::Book.of_changes(changes)))
      end

      private

      def change(row)
        before, after = sides(row)
        costs = same(Costs.named(@schema, row[:costs]))
        Change.new(
          action: row[:action], key: row[:key], reason: row[:reason], contact_id: row[:contact],
          before: same(before), after:, costs:, budgets: same(costs.map(&:first).uniq),
          basis: @premises.basis({ **row, references: references(row) })
        )
      end

      # Returns the first of all parts of changes that are equal: most have few values, and there may be many changes.
      def same(part)
        @parts.fetch(part) { @parts[part] = part.freeze }
      end

      # Returns for each reference that is written the value of Salesforce's that leads to the row.
      def references(row)
        return if (@references ||= @schema.references).empty?

        found = row[:fields].to_h do |column, _, after|
          name = @schema.columns[column]
          [name, @numbers.outcomes.source(name, after)]
        end
        found.compact.presence
      end

      # Returns the values before and after, by column, the link first.
      def sides(row)
        before, after = link_sides(row)
        row[:fields].each do |column, from, to|
          name = @schema.columns[column]
          before[name] = @numbers.value(column, from)
          after[name] = @numbers.value(column, to)
        end
        [before, after]
      end

      def link_sides(row)
        return [{}, {}] unless LINKING.include?(row[:action])

        name = @schema.link.name
        [{ name => row[:link] }, { name => row[:contact] }]
      end
    end
    private_constant :Decision
  end
end
