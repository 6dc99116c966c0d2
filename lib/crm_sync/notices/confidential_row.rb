# frozen_string_literal: true

require "active_support/parameter_filter"
require_relative "undumpable"

module CrmSync
  # Hides the columns of this gem's records that hold values of people: +inspect+, +as_json+ and the like do not show
  # them. They can be read by name.
  module ConfidentialRow
    include Undumpable

    # @return [Hash{String => Object}] the attributes, without confidential values
    def serializable_hash(*)
      ActiveSupport::ParameterFilter.new(self.class.filter_attributes).filter(super)
    end

    private

    def why_not_dumpable = "holds values of people"

    def instead = "keep its id"
  end
  private_constant :ConfidentialRow
end
