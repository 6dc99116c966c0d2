# frozen_string_literal: true

module CrmSync
  module Contacts
    # Limits the time for which a run waits for locks of others: one second for a record, and half a minute for all
    # records. After that the run goes on, but waits for no more locks.
    class Patience
      # Seconds that a run waits, for one record and for all records.
      RECORD = 1.0
      RUN = 30.0
      # Seconds up to which a statement counts as one that has not waited.
      STATEMENT = 0.05
      private_constant :RECORD, :RUN, :STATEMENT

      # @param schema [CrmSync::Contacts::Schema] whose connection writes
      def initialize(schema)
        @schema = schema
        @left = RUN
      end

      # Runs the block, which writes the records, with the limit for one record.
      def around(&)
        database.patient(RECORD, &)
      end

      # Runs the block, which writes a record or a batch in a transaction of its own.
      # @return [Object] the result of the block
      def spend
        began = clock
        @waited = 0.0
        yield.tap { took(@waited) }
      rescue StandardError => e
        took(clock - began) if Database.locked?(e)
        raise
      end

      # Runs a block that writes one record of a batch, within {#spend}. Its time counts as waiting if it fails because
      # of a lock.
      # @return [Object] the result of the block
      def try
        began = clock
        yield
      rescue StandardError => e
        @waited += clock - began if Database.locked?(e)
        raise
      end

      # Runs a block that only locks, within {#spend}. Its time counts as waiting.
      # @return [Object] the result of the block
      def wait
        began = clock
        yield.tap { @waited = clock - began }
      end

      private

      # Returns the database of the current thread's connection: the thread that writes need not be the one that
      # planned.
      def database = Database.for(@schema.connection)

      def took(seconds)
        return if seconds < STATEMENT || @left.zero?

        @left = [@left - seconds, 0.0].max
        database.lock_wait = @left if @left < RECORD
      end

      def clock
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
    private_constant :Patience
  end
end
