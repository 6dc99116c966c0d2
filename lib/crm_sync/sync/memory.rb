# frozen_string_literal: true

require "time"
require_relative "clock_check"

module CrmSync
  module Internal
    # Remembers the last runs of a sync. What is remembered belongs to the hosts on both sides: other hosts, or
    # simulators, have a memory of their own.
    class Memory
      # @param declaration [CrmSync::Internal::Declaration]
      # @param sides [String] the names of the hosts
      def initialize(declaration, sides)
        @sides = sides
        @state = State.of(declaration)
        @clock = ClockCheck.new
      end

      # @return [Hash{String => Hash}] the counts of the sources at the last run
      def sources = last(key("sources"))

      # Keeps the results of a read: only once, although a plan may be applied twice; and not if a newer read has been
      # kept, since a plan may be applied long after it was made.
      #
      # @param check [CrmSync::SourceCheck] the check of the sources as they are now
      # @param read_at [Time] the start of the read
      # @yieldparam now [Hash{String => Hash}] the current states of the names in {#beside}
      # @yield keeps what else belongs to the read
      def keep(check, read_at:)
        return if @kept_at == read_at

        now = @state.read_all([key("read"), *beside])
        return if newer?(now.fetch(key("read"), {}), read_at)

        @kept_at = read_at
        began = { "began_at" => read_at.getutc.iso8601(6) }
        @state.write_all(key("read") => began, key("sources") => check.to_h, **@clock.to_h)
        yield now if block_given?
      end

      # @param read (see #keep)
      # @param facts (see #keep)
      # @return [Proc] keeps the read when it is called. It refers to this memory and to its arguments, and not to the
      #   object that has read, so that a plan does not keep the rows that it was made from in memory
      def keeping(*read, **facts)
        -> { keep(*read, **facts) }
      end

      # @param check [CrmSync::SourceCheck] the check of the sources as they are now
      # @return [Array<CrmSync::Issue>] the differences from the last run that block nothing
      def drift(check)
        check.drift + @clock.issues(last(ClockCheck::NAME))
      end

      # @return [CrmSync::SpendingBook] the amounts that were spent of the budgets
      def spending
        SpendingBook.new(@state, @sides)
      end

      private

      # Returns a state as it was when one was first asked for, so that a plan is based on the states of one moment.
      def last(name)
        @last ||= @state.read_all([key("sources"), ClockCheck::NAME, *beside])
        @last.fetch(name, {})
      end

      # Returns the names of the other states that belong to a read.
      def beside = []

      # Ignores a read in the future: it was kept while a clock was wrong, and does not count until then.
      def newer?(kept, read_at)
        text = kept["began_at"] or return false
        kept = Time.iso8601(text)
        kept > read_at && kept <= Time.now
      end

      def key(name)
        "#{name} of #{@sides}"
      end
    end
  end
end
