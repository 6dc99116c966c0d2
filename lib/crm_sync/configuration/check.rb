# frozen_string_literal: true

require_relative "../notices/suggestion"
require_relative "host_form"

module CrmSync
  class Configuration
    # Checks settings before they are used. No message contains a value, because it may be a secret that was set in the
    # wrong place.
    class Check
      # The maximum duration, in seconds: one week.
      LONGEST = 604_800
      # The maximum values of these settings.
      MOST = { concurrency: 100, attempts: 100 }.freeze
      # The largest whole number that the core and JSON accept.
      LARGEST = (2**53) - 1
      private_constant :LONGEST, :MOST, :LARGEST

      # @param values [Hash{Symbol => Object}] the settings
      # @param kinds [Hash{Symbol => Object}] for each setting, a value of the type that it must have; a number means
      #   that the setting must be a number
      # @param owner [String] what the settings belong to, as it is written in Ruby, such as +"zendesk(:usgov)"+
      # @param variable [Proc] returns the name of the environment variable of a setting
      # @param place [Proc] returns a text that says how to set a setting
      def initialize(values, kinds, owner, variable, place)
        @values = values
        @kinds = kinds
        @owner = owner
        @variable = variable
        @place = place
      end

      private

      # Returns the name of a setting in Ruby.
      def title(setting)
        "#{@owner}.#{setting}"
      end

      def place(setting)
        @place.call(setting)
      end

      # Checks that settings have a value. The message names all that have none.
      def present(*settings)
        missing = missing(*settings)
        raise ConfigurationError, missing.join("\n") if missing.any?
      end

      # Returns a line for each setting without a value.
      def missing(*settings)
        settings.reject { |setting| @values[setting].present? }.map do |setting|
          problem = overridden?(setting) ? overridden(setting) : "is not set; #{place(setting)}#{alike(setting)}"
          "#{title(setting)} #{problem}"
        end
      end

      # Returns whether the app has replaced the value of the environment by a blank, such as one that its credentials
      # do not have.
      def overridden?(setting)
        @values[setting].blank? && ENV[@variable.call(setting)].present?
      end

      def overridden(setting)
        "is blank in CrmSync.configure, which takes precedence over #{@variable.call(setting)}; remove it there, or " \
          "give it a value"
      end

      # Returns a hint if an environment variable for another org or instance has a similar name, which may be a typing
      # error.
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

      # Checks the host. The block checks what only the service in question can know.
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
