# frozen_string_literal: true

module CrmSync
  module Contacts
    # How long a run waits for locks that others keep: a second for a record, and half a minute for all of them. After
    # that it goes on, but waits for nobody any more.
    class Patience
      # Seconds.
      RECORD = 1.0
      RUN = 30.0
      # What takes less was no wait.
      STATEMENT = 0.05
      private_constant :RECORD, :RUN, :STATEMENT

      # @param schema [CrmSync::Contacts::Schema] whose connection writes
      def initialize(schema)
        @database = Database.for(schema.connection)
        @left = RUN
      end

      # Runs the block, in which records are written.
      def around(&)
        @database.patient(RECORD, &)
      end

      # Runs the block, which writes a record or a batch in a transaction of its own.
      # @return [Object] what the block gives
      def spend
        began = clock
        @waited = 0.0
        yield.tap { took(@waited) }
      rescue StandardError => e
        took(clock - began) if Database.locked?(e)
        raise
      end

      # Runs a block that does nothing but lock, within {#spend}.
      # @return [Object] what the block gives
      def wait
        began = clock
        yield.tap { @waited = clock - began }
      end

      private

      def took(seconds)
        return if seconds < STATEMENT || @left.zero?

        @left = [@left - seconds, 0.0].max
        @database.lock_wait = @left if @left < RECORD
      end

      def clock
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
    private_constant :Patience
  end
end
