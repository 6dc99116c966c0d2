# frozen_string_literal: true

module CrmSync
  module Organizations
    # Converts values to the form of the history, which is the spelling of Zendesk, and the one that comparisons use.
    class PastValues
      # Is stored in the place of a value that could not be read; no real value is a Hash.
      UNREADABLE = { "unknown" => true }.freeze
      # Replaces a character of a text that could not be read, such as half an emoji: an undo must not write it.
      REPLACEMENT = "\uFFFD"
      private_constant :UNREADABLE, :REPLACEMENT

      # @return [String] the Zendesk instance that is written: the organizations of another instance are different ones
      attr_reader :place

      # @param place [String]
      def initialize(place)
        @place = place
      end

      # @return [nil] no model, because no model's database is written
      def model; end

      # @param values [Hash{Symbol => Object}] by attribute or field
      # @return [Hash{Symbol => Object}] for JSON
      def dump(values)
        values.transform_values { |value| readable?(value) ? value : UNREADABLE }
      end

      # @param row [Hash{String => Object}] the result of {#dump}, as JSON reads it
      # @return [Hash{Symbol => Object}]
      def load(row)
        row.to_h { |name, value| [name.to_sym, value == UNREADABLE ? :unknown : value] }
      end

      # @return [String] an account's id
      def key(text)
        text
      end

      # @return [Boolean]
      def same?(_name, one, other)
        kept?(one) && one == other
      end

      # Returns false, because values that Zendesk rewrites are handled by the comparison of organizations.
      def rewritten?(*) = false

      # @return [Boolean]
      def kept?(value)
        value != :unknown
      end

      # Returns false, because each value that was kept can be read.
      def unreadable?(_value) = false

      private

      def readable?(value)
        !value.is_a?(Symbol) && !(value.is_a?(String) && value.include?(REPLACEMENT))
      end
    end
    private_constant :PastValues
  end
end
