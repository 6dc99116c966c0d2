# frozen_string_literal: true

module CrmSync
  # Defines what counts as no value: nil, and a text of white space only. A change that makes a value blank clears it,
  # and counts against the budget +clear+. The core has the same rule for organizations ({file:src/compare/value.rs}).
  module Blank
    # @param value [Object]
    # @return [Boolean]
    def self.blank?(value)
      value.nil? || (value.is_a?(String) && value.blank?)
    end
  end
  private_constant :Blank
end
