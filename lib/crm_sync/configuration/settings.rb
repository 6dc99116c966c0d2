# frozen_string_literal: true

require "monitor"
require_relative "../notices/confidential"
require_relative "../store/utf8"
require_relative "variables"

module CrmSync
  class Configuration
    # Base of the settings of both services: says where values come from, and checks them when
    # they are used first. A subclass says which there are.
    class Settings
      include Confidential

      # @param name [Symbol] of the org or instance
      # @param values [Hash{Symbol => Object}] the given settings; the others come from the environment, or have their
      #   defaults
      # @raise [ArgumentError] when there is no such setting
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

      # The native client for these settings; the same one as long as they stay the same.
      #
      # @raise [CrmSync::ConfigurationError] when a setting is missing or cannot be right
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

      # Returns what Rails makes JSON of.
      # @return [Hash{String => String, nil}] without secrets
      def as_json(*)
        { "host" => host }
      end

      private

      def instead
        "configure each process"
      end

      # Returns the texts and numbers that the core is given.
      def plain
        defaults.keys.to_h { |setting| [setting, public_send(setting)] }
      end

      # A value of the kind that each setting has.
      def kinds
        defaults
      end

      def checked(values)
        warn_once(Variables.warnings(service, defaults.keys))
        check = check_class.new(values, kinds, method(:variable), method(:place))
        check.values.tap { warn_once(check.warnings) }
      end

      def warn_once(warnings)
        (warnings - @warned).each do |warning|
          @warned += [warning]
          log.warn(warning)
        end
      end

      def log
        Log.new([service, (@name unless @name == :default)].compact.join(" "))
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
        # Raised without Ruby's own error as its cause, which quotes what may be a secret in the wrong place.
        raise ConfigurationError, "#{variable(setting)} is not a number; give one such as #{defaults[setting] || 100}",
              cause: nil
      end

      # Returns the way to set a setting, for a message.
      def place(setting)
        "set it in CrmSync.configure or as #{variable(setting)}"
      end

      def variable(setting)
        ["CRM_SYNC", service, (@name unless @name == :default), setting].compact.join("_").upcase
      end
    end
    private_constant :Settings
  end
end
