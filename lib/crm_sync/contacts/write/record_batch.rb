# frozen_string_literal: true

module CrmSync
  module Contacts
    # Collects the results of the changes of a batch while they are written through the model.
    class RecordBatch
      # Seconds after which a batch takes no further record, counted from when its records were locked, so that nobody
      # waits long for the locks of the earlier ones.
      HELD = 0.5

      # A change as it was stored, and the write-backs that follow.
      Written = Struct.new(:stored, :effects)

      # @return [Array<CrmSync::Change>] the changes of the batch
      attr_reader :changes
      # @return [Array<CrmSync::Change>] the changes whose records have been locked
      attr_reader :open
      # @return [Facts] the facts by which they are judged
      attr_reader :facts
      # @return [Array<CrmSync::Change>] the changes whose records somebody else keeps locked
      attr_reader :locked
      # @return [Array<CrmSync::Change>] the changes for which no time was left
      attr_reader :left
      # @return [Array<StandardError>] the errors that callbacks raised after the commit
      attr_reader :late

      # @param changes [Array<CrmSync::Change>]
      def initialize(changes)
        @changes = changes
        @locked = []
        @left = []
        @late = []
        @became = {}
      end

      # @return [Boolean] whether the batch is a single change, so that an error of the transaction is an error of the
      #   change
      def alone? = @changes.one?

      # Begins the batch when its records have been locked.
      # @param locked [Array<CrmSync::Change>] the changes whose records somebody else keeps locked
      # @yieldparam changes [Array<CrmSync::Change>] the other changes
      # @yieldreturn [Facts]
      def begin(locked)
        @ends = clock + HELD
        @locked = locked
        @open = @changes - locked
        @facts = yield @open
      end

      # Calls the block with each change whose record this batch has locked, as long as there is time; always with the
      # first.
      # @yieldparam change [CrmSync::Change]
      # @yieldparam following [CrmSync::Change, nil] the next change
      # @yieldreturn [Written, String, StandardError] the change as it was written, what has changed since the plan, or
      #   the error
      def each
        @open.each_with_index do |change, place|
          return @left = @open.drop(place) if place.positive? && clock >= @ends

          @at = change
          became = @became[change] = yield(change, @open[place + 1])
          @facts.wrote(change) if became.is_a?(Written)
        end
      end

      # @param error [StandardError] the error of the only change
      # @return [RecordBatch] self
      def failed(error)
        @became = { @changes.first => error }
        self
      end

      # @param error [StandardError] an error that was raised after the commit
      # @return [RecordBatch] self
      def failed_late(error)
        @late << error
        self
      end

      # @return [Hash{CrmSync::Change => Written}] the changes that were written
      def written = @became.select { |_, became| became.is_a?(Written) }

      # @return [Array<CrmSync::Change>] the changes that were written, and the one that was being written last
      def begun = written.keys + [(@at unless @became.key?(@at))].compact

      # @yieldparam change [CrmSync::Change]
      # @yieldparam became [CrmSync::Change, String, StandardError] the change as it was stored, what has changed since
      #   the plan, or the error
      def results
        @became.each { |change, became| yield(change, became.is_a?(Written) ? became.stored : became) }
      end

      private

      def clock
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
    private_constant :RecordBatch
  end
end
