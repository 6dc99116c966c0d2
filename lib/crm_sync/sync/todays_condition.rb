# frozen_string_literal: true

require_relative "../notices/given"

module CrmSync
  # Determines the condition of a source at this moment, by calling its block if it has one. A class that includes this
  # module has +where+ and +line+.
  module TodaysCondition
    MEND = "let it give a condition, such as \"Type = 'Partner'\", or nil for none"
    private_constant :MEND

    # @return [String, nil] the condition; nil if there is none
    # @raise [CrmSync::MappingError] when the block returns something other than a condition or nil
    def condition
      return where unless where.is_a?(Proc)

      given = where.call
      problem = problem_of(given)
      raise MappingError, "#{line}: #{problem}" if problem

      given
    end

    # @param test [String] a condition
    # @return [String] this condition besides that of the source
    # @raise (see #condition)
    def and_also(test)
      [condition, test].compact.map { |text| "(#{text})" }.join(" AND ")
    end

    private

    def problem_of(given)
      return if given.nil?
      return "where: its block gives #{Given.kind(given)}; #{MEND}" unless given.is_a?(String)
      return "where: its block gives a blank text; #{MEND}" if given.blank?

      slip = Internal::SoqlCondition.problem(given)
      slip && "#{slip} (its block gives it)"
    end
  end
  private_constant :TodaysCondition
end
