# frozen_string_literal: true

module CrmSync
  module Contacts
    # Describes how contacts and leads were read: all of them or only the changes, and what the incremental reads had
    # missed.
    class Read
      # @param accounts [Hash{Symbol => Hash}] for each source +changed+, +missed+, +oldest+ and +snapshot+
      # @param since [Integer, nil] the time from which changes were read, if only changes were read
      # @param keeping [SnapshotKeeping] keeps the snapshots of the sources
      def initialize(accounts, since:, keeping:)
        @accounts = accounts.transform_values { |account| account.except(:snapshot) }
        @snapshots = accounts.transform_values { |account| account[:snapshot] }.compact
        @since = since
        @keeping = keeping
        @now = Time.current
      end

      # @return [Hash{Symbol => Integer}, nil] the number of +rows+ that the incremental reads had missed, and the age
      #   of the oldest in +oldest_seconds+; nil if they were not looked for
      def missed
        counts = @accounts.filter_map { |_, account| account[:missed] }
        return if counts.empty?

        oldest = @accounts.filter_map { |_, account| account[:oldest] }.min
        { rows: counts.sum, oldest_seconds: oldest && (@now - Time.iso8601(oldest)).to_i }
      end

      # @return [Hash{Symbol => Hash}] for the summary of a plan or a run
      def summary
        { missed: }.compact
      end

      # @param source [Symbol]
      # @return [Hash{Symbol => Integer}] for the ledger
      def notes(source)
        account = @accounts.fetch(source, {})
        { changed_since_the_last_read: account[:changed], missed_by_incremental_reads: account[:missed] }.compact
      end

      # @return [Array<String>] lines for people; none if everything was read and nothing compared
      def lines
        [changes, missed_rows].compact
      end

      # Logs what needs attention.
      # @param log [CrmSync::Log]
      def report(log)
        log.info(changes) if changes
        log.warn("#{missed_rows}. #{HINT}") if missed_rows
      end

      # Keeps the read for the next run if this run was a success. Changes that failed for single records are decided
      # again then, because every run decides on everybody, from the kept rows and the changed ones. Works only once: a
      # plan that is applied again meets other records than it was made for.
      # @param success [Boolean] whether the run was a success
      def settle(success)
        snapshots = @snapshots
        @snapshots = {}
        @keeping.keep(snapshots) if success
      ensure
        # Does not affect snapshots that were kept. +snapshots+ is nil if an interrupt comes at the first step.
        snapshots&.each_value(&:discard)
      end

      # The reason why rows are missed.
      HINT = "Formulas, roll-ups and what becomes visible late do not move SystemModstamp in time; " \
             "a longer overlap: finds what is late, a shorter full_every: all of it sooner"
      private_constant :HINT

      private

      def changes
        return unless @since

        count = @accounts.values.sum { |account| account[:changed] }
        "read only what changed since #{Time.at(@since).utc.iso8601}: #{Presentable.counted(count, "row")}"
      end

      def missed_rows
        return unless missed && missed[:rows].positive?

        age = missed[:oldest_seconds]
        "the incremental reads had missed #{Presentable.counted(missed[:rows], "row")}" \
          "#{", the oldest #{age} s old" if age}"
      end
    end
    private_constant :Read
  end
end
