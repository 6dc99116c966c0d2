# frozen_string_literal: true

require_relative "../../notices/given"

module CrmSync
  module Contacts
    # The condition of a source: for one that has a block, what the block gives at this moment.
    module TodaysCondition
      MEND = "let it give a condition, such as \"Type = 'Partner'\", or nil for none"
      private_constant :MEND

      # @return [String, nil]
      # @raise [CrmSync::MappingError] when the block gives no condition
      def condition
        return where unless where.is_a?(Proc)

        given = where.call
        problem = problem_of(given)
        raise MappingError, "#{line}: #{problem}" if problem

        given
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
end
