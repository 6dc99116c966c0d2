# frozen_string_literal: true

module CrmSync
  # The books of a plan or a run: every contact, lead and user is in exactly one bucket.
  class Ledger
    # The account of one source: its rows, the buckets they are in, and facts that cut across the buckets.
    Account = Struct.new(:rows, :buckets, :notes, keyword_init: true) do
      # @return [Boolean] whether the buckets add up to the rows
      def balanced?
        buckets.values.sum == rows
      end
    end

    # @return [Hash{Symbol => CrmSync::Ledger::Account}] +:contacts+, +:leads+, +:users+, and after a run +:changes+
    attr_reader :accounts

    # @api private
    def initialize(accounts)
      @accounts = accounts.freeze
      freeze
      unbalanced = accounts.reject { |_, account| account.balanced? }.keys
      raise InternalError, "the books do not balance: #{unbalanced.join(", ")}. Nothing was written; please report it" if unbalanced.any?
    end

    # @param source [Symbol]
    # @return [CrmSync::Ledger::Account]
    # @raise [KeyError] when there is no such account
    # @example
    #   run.ledger[:contacts].buckets[:closed] # => 12
    def [](source)
      accounts.fetch(source)
    end

    # @return [Boolean] always true: a ledger that does not balance cannot be made
    def balanced?
      accounts.values.all?(&:balanced?)
    end

    # @api private
    def with_outcomes(outcomes)
      self.class.new(accounts.merge(changes: Account.new(rows: accounts[:changes].rows, buckets: outcomes, notes: {})))
    end

    # @return [Hash{Symbol => Hash}]
    def to_h
      accounts.transform_values(&:to_h)
    end

    # @return [Boolean] whether both hold the same
    def ==(other)
      other.is_a?(Ledger) && other.to_h == to_h
    end

    # @return [String] a few lines
    def to_s
      accounts.map do |name, account|
        filled = account.buckets.reject { |_, count| count.zero? }
        buckets = filled.map { |bucket, count| "#{count} #{bucket.to_s.tr("_", " ")}" }.join(", ")
        notes = account.notes.reject { |_, count| count.zero? }.map { |note, count| "#{note.to_s.tr("_", " ")}: #{count}" }
        ["#{name}: #{account.rows} = #{buckets.presence || "none"}", *notes.map { |note| "    #{note}" }].join("\n")
      end.join("\n")
    end
  end
end
