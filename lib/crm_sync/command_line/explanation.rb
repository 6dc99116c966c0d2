# frozen_string_literal: true

module CrmSync
  module CommandLine
    # Reports the explanation of one organization.
    class Explanation
      # @param text [String]
      def initialize(text)
        @text = text
      end

      # @return [Symbol]
      def status
        :shown
      end

      # @return [Hash{Symbol => Object}] for JSON
      def to_h
        { status:, explanation: @text.lines(chomp: true) }
      end

      # @return [String] for people
      def to_s
        @text
      end

      # @return [Array<Array(Symbol, String)>] the lines that +--quiet+ prints to stderr, each with its level
      def unsaid
        []
      end
    end
    private_constant :Explanation
  end
end
