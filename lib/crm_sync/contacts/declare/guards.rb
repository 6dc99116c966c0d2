# frozen_string_literal: true

require_relative "declaration"

module CrmSync
  module Contacts
    # The words that limit how much may change, and what may change at all.
    module Guards
      # Declares a budget in addition to +unlink+, +relink+, +demote+, +promote+, +clear+, +lead+, +sweep+ and
      # +effects+. It limits the number of times that a column may get a value within 24 hours.
      # @param name [Symbol] the name of the budget
      # @param on [Hash{Symbol => Object}] a single column and its value
      # @return [void]
      # @raise [CrmSync::MappingError] when the name is taken, or there is not exactly one column
      # @example
      #   budget :reject, faculty_status: :rejected_faculty
      def budget(name, **on)
        name = symbol(name, "budget has a name")
        taken = "the budget #{name.inspect} exists already; choose another name" if budget?(name)
        declaration.refuse(here, taken) if taken
        declaration.refuse(here, "a budget names one column and its value") unless on.one?
        assignments(on, here)
        own = Declaration::Budget.new(name, *on.first, here)
        declaration.say(declaration.budgets, own) { |known| known.name == name }
      end

      # Declares transitions that are never made, whichever rule asks for them. They are counted in the ledger.
      # @param column [Symbol] the column of the model
      # @param from [Object, Array] the values that are protected
      # @param to [Object, Array] the values that must not replace them
      # @return [void]
      # @example
      #   protect :faculty_status, from: :confirmed_faculty, to: %i[pending_faculty no_faculty_info]
      def protect(column, from:, to:)
        column = symbol(column, "protect names a column")
        # Wraps a single value in an array; nil is a value too, so Array() cannot be used.
        from, to = [from, to].map { |values| values.is_a?(Array) ? values : [values] }
        declaration.refuse(here, "protect needs values in from: and to:") if from.empty? || to.empty?
        problem = Given.problem_of_values(from + to)
        declaration.refuse(here, "protect: #{problem}") if problem
        declaration.protections << Declaration::Protection.new(column, from, to, here)
      end

      private

      # Returns whether the name is taken. A subclass may declare a budget of its superclass again.
      def budget?(name)
        fixed = declaration.allowed_names - declaration.budgets.map(&:name)
        return true if [*fixed, :all, :mark].include?(name)

        !declaration.said(declaration.budgets) { |known| known.name == name }.nil?
      end
    end
  end
end
