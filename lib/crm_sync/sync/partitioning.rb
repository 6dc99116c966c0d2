# frozen_string_literal: true

require_relative "../notices/given"

module CrmSync
  module Internal
    # The block that says for which part of the app, such as a tenant, a run is, and the line of the declaration.
    Partitioning = Struct.new(:block, :line) do
      # Asks the block.
      # @return [String]
      # @raise [CrmSync::ConfigurationError] when it gives no name
      def current
        given = block.call
        problem = problem(given)
        raise ConfigurationError, "#{line}: partition #{problem}; run the sync inside of a tenant" if problem

        given.to_s
      end

      private

      def problem(given)
        return "gives #{Given.kind(given)}, and not a name" unless [String, Symbol, Integer].include?(given.class)

        text = given.to_s
        return "gives a text that is not valid in its encoding" unless text.valid_encoding?
        return "gives a blank text, and not a name" if text.blank?

        "gives a name of more than #{Partitioning::LONGEST} characters, or with control characters" unless fit?(text)
      end

      def fit?(text)
        text.size <= Partitioning::LONGEST && !text.match?(/[[:cntrl:]]/)
      end
    end
    # The number of characters that a partition's name may have: it becomes a part of the names of files.
    Partitioning::LONGEST = 100
  end
end
