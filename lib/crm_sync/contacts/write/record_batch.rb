# frozen_string_literal: true

module CrmSync
  module Contacts
    # Collects what becomes of the changes of a batch while they are written through the model.
    class RecordBatch
      # Seconds after its first lock from which a batch takes no further record, so that nobody waits long for the
      # locks of those before it.
      HELD = 0.5

      # A change as it was stored, and the write-backs that follow.
      Written = Struct.new(:stored, :effects)

      # @return [Array<CrmSync::Change>] the changes of the batch
      attr_reader :changes
      # @return [Array<CrmSync::Change>] those whose records have been locked
      attr_reader :open
      # @return [Facts] what they are judged on
      attr_reader :facts
      # @return [Array<CrmSync::Change>] those whose records somebody keeps locked
      attr_reader :locked
      # @return [Array<CrmSync::Change>] those for which no time was left
      attr_reader :left
      # @return [Array<StandardError>] what callbacks raised after the commit
      attr_reader :late

      # @param changes [Array<CrmSync::Change>]
      def initialize(changes)
        @changes = changes
        @locked = []
        @left = []
        @late = []
        @became = {}
      end

      # @return [Boolean] whether the batch is a single change, whose error is that of the transaction
      def alone? = @changes.one?

      # Begins when the others have been locked.
      # @param locked [Array<CrmSync::Change>] the changes whose records somebody keeps locked
      # @yieldparam changes [Array<CrmSync::Change>] the other ones
      # @yieldreturn [Facts]
      def begin(locked)
        @ends = clock + HELD
        @locked = locked
        @open = @changes - locked
        @facts = yield @open
      end

      # Calls the block with each change that is not locked, as long as there is time; always with the first one.
      # @yieldparam change [CrmSync::Change]
      # @yieldparam following [CrmSync::Change, nil] the one that is next
      # @yieldreturn [Written, String, StandardError] the change as it was written, or what has moved, or went wrong
      def each
        @open.each_with_index do |change, place|
          return @left = @open.drop(place) if place.positive? && clock >= @ends

          @at = change
          became = @became[change] = yield(change, @open[place + 1])
          @facts.wrote(change) if became.is_a?(Written)
        end
      end

      # @param error [StandardError] the error of a change that is alone
      # @return [RecordBatch] self
      def failed(error)
        @became = { @changes.first => error }
        self
      end

      # @param error [StandardError] what was raised after the commit
      # @return [RecordBatch] self
      def failed_late(error)
        @late << error
        self
      end

      # @return [Hash{CrmSync::Change => Written}] the changes that were written
      def written = @became.select { |_, became| became.is_a?(Written) }

      # @return [Array<CrmSync::Change>] the changes that were written, and the one whose turn it was last
      def begun = written.keys + [(@at unless @became.key?(@at))].compact

      # @yieldparam change [CrmSync::Change]
      # @yieldparam became [CrmSync::Change, String, StandardError] the change as it was stored, or what has moved, or
      #   went wrong
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
