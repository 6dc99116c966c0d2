# frozen_string_literal: true

require "digest"
require_relative "../../store/preemptible"

module CrmSync
  module Contacts
    # Remembers what the app made of values that were written: for each record and column, the value that was sent, the
    # value that was found afterwards, and whether it was rewritten or put back. Only digests of the values are kept,
    # because they are personal data.
    class Answers
      # The app stored a third value, neither the previous one nor the one that was sent, as a callback does that
      # squeezes blanks.
      REWRITTEN = "rewritten"
      # The app kept the previous value.
      PUT_BACK = "put_back"
      # The number of records whose answers are read at once.
      SLICE = 1_000
      # The beginning of the names of answers in the state.
      PREFIX = "answers of "
      private_constant :PREFIX

      # Represents an answer. +sent+ and +stood+ are the digests of the value that was sent and of the value that was
      # found afterwards. +by+ is +"model"+ or +"database"+, whichever changed it. +with+ has the names of all columns
      # that got an answer in the same write.
      Answer = Struct.new(:kind, :sent, :stood, :by, :with, keyword_init: true)

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @state = State.of(schema.declaration)
      end

      # Records an answer. For a rewritten value, call it in the transaction of the write.
      #
      # @param change [CrmSync::Change] the change as it was sent
      # @param kind [String] {REWRITTEN} or {PUT_BACK}
      # @param found [Hash{Symbol => ReadBack::Found}] the values that were found, by column
      # @return [void]
      def keep(change, kind, found)
        return if found.empty?

        fresh = found.to_h do |column, one|
          sent, stood = [change.after[column], one.value].map { |value| digest(change.key, column, value) }
          [column.to_s, { kind:, sent:, stood:, by: one.by, with: found.keys }]
        end
        @state.write(name(change.key), { **@state.read(name(change.key)), **fresh })
      end

      # @param changes [Array<CrmSync::Change>] the changes of a plan
      # @return [Hash{CrmSync::Change => Hash{Symbol => Answer}}] for each change, the columns whose answer is known:
      #   the same value was sent before, and the record has the value that was found then
      def to(changes)
        changes.each_slice(SLICE).reduce({}) do |all, slice|
          kept = @state.read_all(slice.map { |change| name(change.key) })
          next all if kept.empty?

          known = Preemptible.new(slice).to_h { |change| [change, known(change, kept.fetch(name(change.key), {}))] }
          all.merge(known.reject { |_, columns| columns.empty? })
        end
      end

      # @param key [Object] the primary key of a record
      # @param column [Symbol]
      # @return [Boolean] whether the app is known to turn +sent+ into +stood+
      def rewrites?(key, column, sent, stood)
        kept = @state.read(name(key))[column.to_s]
        kept&.values_at("kind", "sent", "stood") ==
          [REWRITTEN, *[sent, stood].map { |value| digest(key, column, value) }]
      end

      # @param key [Object] the primary key of a record that is to be written again
      # @return [Array<Symbol>] the columns that were left alone because the app had put them back
      def forget(key)
        kept = @state.read(name(key))
        refused = kept.select { |_, answer| answer["kind"] == PUT_BACK }.keys
        @state.write(name(key), kept.except(*refused)) if refused.any?
        refused.map(&:to_sym)
      end

      # Deletes the answers of records that are gone, at most {SLICE}, once they are as old as the history may be. Those
      # of other records are needed as long as Salesforce has the value: without them, it would be written again.
      # @return [void]
      def prune
        return if @schema.connection.current_transaction.joinable? # the host's, in which the rows would stay locked

        before = CrmSync.configuration.history_days.days.ago
        @state.sweep(PREFIX, before:, limit: SLICE) { |names| of_gone(names) }
      rescue ActiveRecord::StatementInvalid => e
        Log.new(@schema.declaration.name).warn("old answers could not be deleted: #{e.class}") # the next run continues
      end

      private

      def name(key) = "#{PREFIX}#{key}"

      def of_gone(names)
        type = @schema.type(@schema.model.primary_key)
        keys = names.to_h { |name| [name, type.cast(name.delete_prefix(PREFIX))] }
        there = @schema.keyed(@schema.model.unscoped, keys.values).ids.to_set { |key| @schema.canonical_key(key) }
        keys.reject { |_, key| there.include?(@schema.canonical_key(key)) }.keys
      end

      def known(change, kept)
        columns = change.after.keys.select do |column|
          kept[column.to_s] && answered?(change, column, kept[column.to_s])
        end
        answers = columns.to_h { |column| [column, Answer.new(**kept[column.to_s].transform_keys(&:to_sym))] }
        answers.select { |_, answer| answer.kind == REWRITTEN || whole?(answer, columns) }
      end

      # Requires that the change has all columns of the answer: an app that drops a whole row may do so because of one
      # of its values, and may accept the others without it.
      def whole?(answer, columns)
        (answer.with.map(&:to_sym) - columns).empty?
      end

      def answered?(change, column, kept)
        kept.values_at("sent", "stood") ==
          [change.after, change.before].map { |side| digest(change.key, column, side[column]) }
      end

      # Includes the record and the column in the digest, so that equal digests do not reveal equal values.
      def digest(key, column, value)
        value = RecordId.same(value) if column == @schema.link.name && value.is_a?(String)
        value = @schema.canonical(column, value)
        Digest::SHA256.hexdigest([key.to_s, column.to_s, value.class.name, value.to_s.b].join("\0"))
      end
    end
    private_constant :Answers
  end
end
