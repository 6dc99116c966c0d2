# frozen_string_literal: true

# The numbers of records that budgets are shares of.
module BudgetCounts
  # Returns for each budget of a plan the number of records that it could concern.
  def could_suffer_of(plan)
    each_budget(plan.send(:budgets).instance_variable_get(:@could_suffer))
  end

  # Returns the numbers that a count in the database gives.
  def each_budget(counts)
    counts.keys.to_h { |budget| [budget, counts.fetch(budget)] }
  end

  RSpec.configure { |config| config.include self }
end
