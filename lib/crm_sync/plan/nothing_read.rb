# frozen_string_literal: true

module CrmSync
  # Takes the place of a read in a plan that has nothing to tell about how its sides were read. An organization sync
  # reads both sides as a whole in every run, because formulas and look-ups do not change the time stamps that tell of
  # changes. An undo reads none.
  module NothingRead
    class << self
      # @return [Hash] an empty Hash, because there is nothing to add to a summary
      def summary
        {}
      end

      # @return [Array<String>] an empty Array, because there is nothing to tell
      def lines
        []
      end

      # Does nothing, because there is nothing to keep.
      def settle(_success); end
    end
  end
  private_constant :NothingRead
end
