# frozen_string_literal: true

require "monitor"
require_relative "../notices/confidential"
require_relative "../store/utf8"
require_relative "variables"

module CrmSync
  class Configuration
    # The base class of the settings of both services: it reads values from the environment, and checks all of them on
    # first use. A subclass names the settings.
    class Settings
      include Confidential

      # @param name [Symbol] the name of the org or instance
      # @param values [Hash{Symbol => Object}] settings; the others come from the environment or have their defaults
      # @raise [ArgumentError] when a setting does not exist
      def initialize(name, **values)
        unknown = values.keys - defaults.keys
        raise ArgumentError, "there is no setting #{service.downcase}.#{unknown.first}" if unknown.any?

        @name = name
        @warned = []
        @monitor = Monitor.new
        defaults.each do |setting, default|
          value = values.fetch(setting) { from_environment(setting, default) }
          public_send("#{setting}=", value)
        end
      end

      # Returns the native client for these settings; the same object as long as the settings do not change.
      #
      # @raise [CrmSync::ConfigurationError] when a setting is missing or invalid
      def native
        values = plain
        @monitor.synchronize do
          @native = [values, build(checked(values))].freeze unless @native&.first == values
          @native.last
        end
      end

      # @return [String] without secrets
      def inspect
        "#<#{self.class.name} #{@name} host: #{host.inspect}>"
      end

      # Returns the settings for Rails' JSON serialization.
      # @return [Hash{String => String, nil}] without secrets
      def as_json(*)
        { "host" => host }
      end

      private

      def instead
        "configure each process"
      end

      # Returns the settings that the core is given: texts and numbers.
      def plain
        defaults.keys.to_h { |setting| [setting, public_send(setting)] }
      end

      # Returns for each setting a value of the type that it must have.
      def kinds
        defaults
      end

      def checked(values)
        warn_once(Variables.warnings(service, defaults.keys))
        check = check_class.new(values, kinds, owner, method(:variable), method(:place))
        check.values.tap { warn_once(check.warnings) }
      end

      def warn_once(warnings)
        (warnings - @warned).each do |warning|
          @warned += [warning]
          log.warn(warning)
        end
      end

      def log
        Log.new([service, (@name unless @name == :default)].compact.join(" "), service:)
      end

      def from_environment(setting, default)
        text = Utf8.variable(variable(setting)) or return default
        case kinds[setting]
        when Float then Float(text)
        when Integer then Integer(text)
        when Symbol then text.to_sym
        else text
        end
      rescue ArgumentError
        # The error is raised without a cause: Ruby's own error quotes the value, which may be a secret in the wrong
        # place.
        raise ConfigurationError, "#{variable(setting)} is not a number; give one such as #{defaults[setting] || 100}",
              cause: nil
      end

      # Returns, for a message, a text that says how to set a setting.
      def place(setting)
        "set it in CrmSync.configure or as #{variable(setting)}"
      end

      # Returns how the settings are reached from the configuration. Those of a simulator replace all others.
      def owner
        %i[default simulator].include?(@name) ? service.downcase : "#{service.downcase}(#{@name.inspect})"
      end

      def variable(setting)
        ["CRM_SYNC", service, (@name unless @name == :default), setting].compact.join("_").upcase
      end
    end
    private_constant :Settings
  end
end
