# frozen_string_literal: true

require_relative "../notices/given"

module CrmSync
  # Checks the arguments of the words of a declaration. A class that includes this module has a +declaration+.
  module WordChecks
    # The folder of this gem: the line of a declaration is the first one outside of it.
    HERE = "#{File.dirname(__dir__)}/".freeze
    private_constant :HERE

    # @return [String] the line of the declaration that is being evaluated
    def here
      # Methods that +delegate+ defines have no absolute path.
      place = caller_locations.find { |location| !(location.absolute_path || location.path).start_with?(HERE) }
      "#{place.path}:#{place.lineno}"
    end

    # @param name [Object] the argument of the word
    # @param what [String] the word, and what it names
    # @return [Symbol] the argument as a Symbol
    # @raise [CrmSync::MappingError] when the argument is not a name
    def symbol(name, what)
      return name.to_sym if Given.name?(name)

      declaration.refuse(here, "#{what}, and is given #{Given.kind(name)}; give a Symbol")
    end

    # Checks the form of a Hash of columns and values.
    # @param set [Object]
    # @param line [String]
    # @return [Hash{Symbol => Object}]
    # @raise [CrmSync::MappingError] when it is not such a Hash
    def assignments(set, line)
      right = set.is_a?(Hash) && set.keys.all? { |column| Given.name?(column) }
      problem = right ? Given.problem_of_values(set.values) : "set: is a Hash of columns and values"
      declaration.refuse(line, problem) if problem
      set.transform_keys(&:to_sym)
    end

    private

    # @param where [String, Proc, nil] the condition of a source, or a block that returns one
    def condition_problem(where)
      return Internal::SoqlCondition.problem(where) unless where.is_a?(Proc)

      problem = Given.problem_of_block(where)
      problem && "where: #{problem}"
    end

    def block_for(word, block, *given)
      problem = block ? Given.problem_of_block(block, *given) : "needs a block"
      declaration.refuse(here, "#{word} #{problem}") if problem
    end
  end
  private_constant :WordChecks
end
