# frozen_string_literal: true

require_relative "presentable"

module CrmSync
  # Checks the form of what a host passes in: names, values and blocks of a declaration, and rows to write.
  module Given
    class << self
      # @param value [Object]
      # @return [Boolean] whether it can be a name in Ruby
      def name?(value)
        value.is_a?(Symbol) || (value.is_a?(String) && value.present?)
      end

      # @param values [Array<Object>] the values to write
      # @return [String, nil] the problem with one of them
      def problem_of_values(values)
        wrong = values.find { |value| value.is_a?(Proc) || value.is_a?(Module) }
        "#{kind(wrong)} is not a value that a column can have; write the value itself" if wrong
      end

      # @param block [Proc]
      # @param given [Array<String>] the names of the arguments that the block is called with
      # @return [String, nil] the reason why it cannot be called with them
      def problem_of_block(block, *given)
        arity = block.arity
        least = arity.negative? ? ~arity : arity
        most = block.lambda? && arity >= 0 ? arity : given.size
        return if given.size.between?(least, most)

        "its block is given #{given.join(" and ").presence || "nothing"}, and takes #{least}"
      end

      # Refuses two rows for one record, because nobody can tell which of them is meant to be stored in the end.
      # @param ids [Array<Integer, String>] the id of each row, in one spelling; blank ids are not compared
      # @param what [String] such as +"organization"+
      # @raise [ArgumentError]
      def refuse_twice(ids, what)
        numbers = {}
        ids.each.with_index(1) do |id, number|
          first = numbers[id] ||= number
          next if first == number || id.blank?

          raise ArgumentError, "row #{number} is about #{what} #{Presentable.text(id.to_s)}, as row #{first} is; " \
                               "put them into one row"
        end
      end

      # @param value [Object]
      # @return [String] the kind of value in a few words, without the value
      def kind(value)
        return "nil" if value.nil?

        name = value.class.name.to_s
        "#{name.match?(/\A[AEIO]/) ? "an" : "a"} #{name}"
      end
    end
  end
  private_constant :Given
end
