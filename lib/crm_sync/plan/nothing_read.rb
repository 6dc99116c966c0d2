# frozen_string_literal: true

module CrmSync
  # Stands in a plan of which nothing is to be said about how its sides were read: an organization sync reads both whole
  # in every run, because formulas and look-ups do not move the stamps that tell of changes; an undo reads none.
  module NothingRead
    class << self
      # @return [Hash] nothing to add to a summary
      def summary
        {}
      end

      # @return [Array<String>] nothing to say
      def lines
        []
      end

      # Nothing to keep.
      def settle(_success); end
    end
  end
  private_constant :NothingRead
end
