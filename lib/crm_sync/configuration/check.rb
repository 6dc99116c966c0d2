# frozen_string_literal: true

require_relative "../notices/suggestion"
require_relative "host_form"

module CrmSync
  class Configuration
    # Looks at settings before anything is done with them. No message holds what was set: it may be a secret in the
    # wrong place.
    class Check
      # The longest time, a week in seconds.
      LONGEST = 604_800
      # The largest values that make sense.
      MOST = { concurrency: 100, attempts: 100 }.freeze
      # The largest number that the core and JSON take.
      LARGEST = (2**53) - 1
      private_constant :LONGEST, :MOST, :LARGEST

      # @param values [Hash{Symbol => Object}]
      # @param kinds [Hash{Symbol => Object}] a value of the kind that each setting has, which says what is a number
      # @param variable [Proc] names the environment variable of a setting
      # @param place [Proc] says how a setting is set
      def initialize(values, kinds, variable, place)
        @values = values
        @kinds = kinds
        @variable = variable
        @place = place
      end

      private

      # A setting by its name in Ruby.
      def title(setting)
        "#{service}.#{setting}"
      end

      def place(setting)
        @place.call(setting)
      end

      def present(setting)
        return if @values[setting].present?

        raise ConfigurationError, "#{title(setting)} is not set; #{place(setting)}#{alike(setting)}"
      end

      # A variable of another org or instance, whose name may be a mistyped one.
      def alike(setting)
        form = /\ACRM_SYNC_#{service}_(\w+)_#{setting}\z/i
        names = ENV.keys.filter_map { |variable| variable[form, 1] }
        near = Suggestion.for(@variable.call(setting)[form, 1], names)
        "; there is #{"CRM_SYNC_#{service}_#{near}_#{setting}".upcase}: is that one meant?" if near
      end

      def cast(setting, value)
        case @kinds[setting]
        when Float then number(setting, value, "a number above 0, at most #{LONGEST}") { _1.positive? && _1 <= LONGEST }
        when Integer then whole_number(setting, value)
        else value.to_s
        end
      end

      def whole_number(setting, value)
        most = MOST.fetch(setting, LARGEST)
        what = most == LARGEST ? "a number above 0" : "a number above 0, at most #{most}"
        number(setting, value, what) { |number| number.between?(1, most) }
      end

      # Finds what is wrong with the host, except for what only the service knows.
      def host(example)
        form = HostForm.new(@values[:host])
        problem = form.problem || yield(form.name)
        raise ConfigurationError, "#{title(:host)} #{problem}; give #{example}; #{place(:host)}" if problem
      end

      def number(setting, value, what)
        number = @kinds[setting].is_a?(Float) ? Float(value) : Integer(value)
        return number if yield number

        raise ArgumentError
      rescue ArgumentError, TypeError, FloatDomainError
        raise ConfigurationError, "#{title(setting)} must be #{what}; #{place(setting)}", cause: nil
      end
    end
    private_constant :Check
  end
end
