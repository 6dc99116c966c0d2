# frozen_string_literal: true

module CrmSync
  # Checks the form of what the words of a declaration are given: names, values and blocks.
  module Given
    class << self
      # @param value [Object]
      # @return [Boolean] whether it can be a name in Ruby
      def name?(value)
        value.is_a?(Symbol) || (value.is_a?(String) && value.present?)
      end

      # @param values [Array<Object>] that are to be written
      # @return [String, nil] what is wrong with one of them
      def problem_of_values(values)
        wrong = values.find { |value| value.is_a?(Proc) || value.is_a?(Module) }
        "#{kind(wrong)} is not a value that a column can have; write the value itself" if wrong
      end

      # @param block [Proc]
      # @param given [Array<String>] what it is called with
      # @return [String, nil] why it cannot be called so
      def problem_of_block(block, *given)
        arity = block.arity
        least = arity.negative? ? ~arity : arity
        most = block.lambda? && arity >= 0 ? arity : given.size
        return if given.size.between?(least, most)

        "its block is given #{given.join(" and ").presence || "nothing"}, and takes #{least}"
      end

      # @param value [Object]
      # @return [String] a few words, without the value
      def kind(value)
        value.nil? ? "nil" : "a #{value.class.name}"
      end
    end
  end
  private_constant :Given
end
