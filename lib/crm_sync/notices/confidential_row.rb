# frozen_string_literal: true

require "active_support/parameter_filter"
require_relative "../errors"

module CrmSync
  # For records of this gem, whose columns hold values of people: +inspect+, +as_json+ and the like do not show them.
  # They can be read by their names.
  module ConfidentialRow
    # @return [Hash{String => Object}] the attributes, without values that are confidential
    def serializable_hash(*)
      ActiveSupport::ParameterFilter.new(self.class.filter_attributes).filter(super)
    end

    # For Marshal.
    # @raise [CrmSync::NotDumpable] always
    def marshal_dump
      not_dumpable
    end

    # For YAML.
    # @raise [CrmSync::NotDumpable] always
    def encode_with(_coder)
      not_dumpable
    end

    private

    def not_dumpable
      raise NotDumpable, "a #{self.class.name} holds values of people, and is not written out by Marshal or YAML; " \
                         "keep its id"
    end
  end
  private_constant :ConfidentialRow
end
