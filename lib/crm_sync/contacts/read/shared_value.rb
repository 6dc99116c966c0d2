# frozen_string_literal: true

module CrmSync
  module Contacts
    # A value that many changes share: whoever altered that of one would alter those of all others.
    module SharedValue
      class << self
        # @param value [Object] as the model has it
        # @return [Object] the same, frozen down to its parts; objects of other classes than JSON has stay as they are
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
