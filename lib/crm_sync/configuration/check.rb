# frozen_string_literal: true

module CrmSync
  class Configuration
    # Looks at settings before anything is done with them. No message holds what was set: it may be a secret in the
    # wrong place.
    # @api private
    class Check
      # @param values [Hash{Symbol => Object}]
      # @param kinds [Hash{Symbol => Object}] a value of the kind that each setting has, which says what is a number
      # @param variable [Proc] names the environment variable of a setting
      def initialize(values, kinds, variable)
        @values = values
        @kinds = kinds
        @variable = variable
      end

      private

      # A setting by its name in Ruby.
      def title(setting)
        "#{service}.#{setting}"
      end

      def place(setting)
        "set it in CrmSync.configure or as #{@variable.call(setting)}"
      end

      def present(setting)
        return if @values[setting].present?

        raise ConfigurationError, "#{title(setting)} is not set; #{place(setting)}"
      end

      def cast(setting, value)
        case @kinds[setting]
        when Float, Integer then number(setting, value, "a number above 0", &:positive?)
        else value.to_s
        end
      end

      def number(setting, value, what)
        number = @kinds[setting].is_a?(Float) ? Float(value) : Integer(value)
        return number if yield number

        raise ArgumentError
      rescue ArgumentError, TypeError, FloatDomainError
        raise ConfigurationError, "#{title(setting)} must be #{what}; #{place(setting)}"
      end
    end
  end
end
