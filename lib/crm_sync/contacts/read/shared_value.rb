# frozen_string_literal: true

require "active_support/core_ext/object/deep_dup"

module CrmSync
  module Contacts
    # Freezes a value that many changes share, because altering it in one change would alter it in all of them.
    module SharedValue
      class << self
        # @param value [Object] the model's value
        # @return [Object] a deeply frozen copy; objects of classes that JSON does not have are returned as they are
        def of(value)
          case value
          when String then -value
          when Array, Hash then frozen(value.deep_dup)
          else value
          end
        end

        private

        def frozen(value)
          case value
          when Array then value.each { |inner| frozen(inner) }.freeze
          when Hash then value.each_value { |inner| frozen(inner) }.freeze
          when String then value.freeze
          else value
          end
        end
      end
    end
    private_constant :SharedValue
  end
end
