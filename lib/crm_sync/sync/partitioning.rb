# frozen_string_literal: true

require_relative "../notices/given"

module CrmSync
  module Internal
    # The block that returns the partition of the app, such as a tenant, that a run is for, and the line of the
    # declaration.
    Partitioning = Struct.new(:block, :line) do
      # Calls the block.
      # @return [String]
      # @raise [CrmSync::ConfigurationError] when the block returns no name
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
    # The maximum length of a partition's name, in characters: the name becomes a part of file names.
    Partitioning::LONGEST = 100
  end
end
