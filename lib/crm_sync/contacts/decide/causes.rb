# frozen_string_literal: true

require "json"
require_relative "../../store/preemptible"
require_relative "../write/premises"
require_relative "cause_values"
require_relative "caused_users"
require_relative "filled_fields"

module CrmSync
  module Contacts
    # Stores the cause of a write-back with its row in the outbox, and checks it again before the row is sent. Since
    # then, the user may have been rejected or deleted, the value that matched may have become another user's, and the
    # contact may have been merged into another one.
    class Causes
      # Represents the decision on a row. A row with +fields+ is sent. +follows+ is the id of another contact to which
      # the row belongs by now. +why+ is the reason for which the row is given up. +filled+ means that the row is not
      # needed, because the contact has a value. +error+ is the reason for which no decision is possible. If +fills+ is
      # true, the values of earlier rows for the contact take precedence.
      Verdict = Struct.new(:fields, :fills, :follows, :why, :filled, :user, :error, keyword_init: true)
      # The part of a change that {Premises::MatchedValue} needs.
      Based = Struct.new(:key, :basis)
      # The number of rows whose users are in memory at once; a batch of the outbox can have more rows.
      SLICE = 200
      # Ignores that a tier is no longer declared: the basis then has no tier, which is checked later.
      IGNORE = ->(_problem) {}
      private_constant :Based, :SLICE, :IGNORE

      # @param schema [CrmSync::Contacts::Schema]
      # @param contacts (see FilledFields#initialize)
      def initialize(schema, contacts = nil)
        @schema = schema
        @declaration = schema.declaration
        @filled = FilledFields.new(contacts)
        @values = CauseValues.new(schema)
        @value = Premises::MatchedValue.new(schema)
      end

      # @param write_back [Declaration::WriteBack]
      # @param change [CrmSync::Contacts::Change] the change as it was stored
      # @param there [Boolean] whether the record is in the default scope and in the declared scopes
      # @return [String] the cause as JSON, for {#of}
      def dump(write_back, change, there:)
        column = write_back.column
        value = @values.dump(column, change.after[column]) unless write_back.link?
        JSON.generate(
          "key" => change.key.to_s, "field" => write_back.field, "column" => column&.name, "value" => value,
          "there" => there, **@value.dump(change.basis)
        )
      end

      # @param rows [Array<CrmSync::DueRows::Row>]
      # @yieldparam ids [Array<String>] the ids of contacts
      # @yieldreturn [Hash{String => String}] for each contact that was merged, the id of the contact into which it was
      #   merged
      # @return [Hash{CrmSync::DueRows::Row => Verdict}] the decision on each row
      def of(rows, &winners)
        @values.forget
        verdicts = {}.compare_by_identity
        @causes = each_of(rows) { |row| @values.cause(row) { |error| verdicts[row] = Verdict.new(error:) } }
        @filled.read(filling)
        readable = rows.reject { |row| verdicts.key?(row) }
        readable.each_slice(SLICE).map { |slice| verdicts(slice, winners) }.reduce(verdicts, :merge!)
      end

      private

      def verdicts(rows, winners)
        read(rows)
        @winners = winners_of(@elsewhere.keys, winners)
        each_of(rows) { |row| verdict(row) }
      end

      # @return [Hash{CrmSync::DueRows::Row => Object}] for each row, the result of the block
      def each_of(rows)
        # Compares rows by identity, which saves computing a hash of all their values.
        Preemptible.new(rows).each_with_object({}.compare_by_identity) { |row, all| all[row] = yield row }
      end

      def read(rows)
        @users = CausedUsers.new(@schema, rows.filter_map { |row| @causes[row] }.map { |cause| cause["key"] })
        @elsewhere = each_of(rows) { |row| @users.elsewhere(@causes[row]&.fetch("key"), row.record_id) }.compact
        @bases = each_of(rows) { |row| based(@causes[row]) }
        @facts = Facts.new([@value], @bases.values.compact)
      end

      def winners_of(rows, winners)
        rows.empty? ? {} : winners.call(rows.map(&:record_id).uniq)
      end

      # @return [Hash{CrmSync::DueRows::Row => Declaration::WriteBack}] the write-backs of the rows; empty if no
      #   declared write-back has +overwrite: false+
      def filling
        return {} if @declaration.write_backs.all?(&:overwrite)

        @causes.transform_values { |cause| readable(cause) }.compact
      end

      # Leaves out a cause whose value cannot be read. {#verdict} reports the error for its own row.
      def readable(cause)
        cause && @values.declared(cause)
      rescue StandardError
        nil
      end

      def verdict(row)
        return Verdict.new(fields: Outbound.fields(row.fields)) unless (cause = @causes[row])

        user = @users[cause["key"]]
        why = moved(user, cause, row)
        return Verdict.new(why:, user: key(cause)) if why
        return Verdict.new(follows: @elsewhere[row]) if @elsewhere.key?(row)

        fields(user, cause, row)
      rescue StandardError => e # The app's own method may raise anything.
        Verdict.new(error: e)
      end

      def moved(user, cause, row)
        return "the user is gone" if user.nil? || (cause["there"] && !@users.there?(cause["key"]))

        moved_contact(user, row) || moved_column(user, cause) || moved_value(row)
      end

      def moved_contact(user, row)
        return "the user has no contact any more" if @schema.link.of(user).blank?

        other = @elsewhere[row]
        "the user has another contact now" if other && @winners[row.same_id] != other
      end

      def moved_column(user, cause)
        return unless (column = cause["column"]&.to_sym)

        same = @schema.canonical(column, user[column.name]) == @values.canonical(cause)
        "#{column} is another one now" unless same
      end

      def moved_value(row)
        basis = @bases[row].basis
        return "what it was matched by is no longer trusted" if basis.address && basis.tier.nil?

        @value.moved_beside(@bases[row], @facts)
      end

      def based(cause)
        cause && Based.new(key(cause), Premises::Basis.new(**@value.load(cause, IGNORE)))
      end

      def key(cause) = @schema.type(@schema.model.primary_key).cast(cause["key"])

      # Returns the decision on a row whose cause still holds. It has the current value of the record's method rather
      # than the value at the time of the change, because the field is to describe the user's present state.
      def fields(user, cause, row)
        write_back = @values.declared(cause)
        return Verdict.new(why: "the declaration does not write it back any more", user: user.id) unless write_back
        return Verdict.new(filled: true) if @filled.keep?(write_back, row)

        value = user.public_send(write_back.with)
        return Verdict.new(why: "#{write_back.with} gives nothing any more", user: user.id) if value.nil?

        Outbound.check(value)
        Verdict.new(fields: { write_back.field => value }, fills: !write_back.overwrite)
      end
    end
    private_constant :Causes
  end
end
