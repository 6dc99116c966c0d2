# frozen_string_literal: true

module CrmSync
  module Contacts
    # Whether the options of an attribute fit together.
    # @api private
    class AttributeForm
      KNOWN = %i[from any_of map otherwise blank privileged].freeze
      private_constant :KNOWN

      def initialize(**options)
        @options = options.reject { |name, value| value.nil? && %i[from any_of blank].include?(name) }
      end

      # @return [String, nil] what is wrong
      def problem
        unknown_option || source || blank || map
      end

      private

      def unknown_option
        unknown = (@options.keys - KNOWN).first
        "unknown option #{unknown}:; there are #{KNOWN.join(", ")}" if unknown
      end

      def source
        return "say from: or any_of:, one of them" unless @options.key?(:from) ^ @options.key?(:any_of)

        wrong = Array(@options[:any_of] || @options[:from]).find { |path| !Salesforce.path?(path) }
        "#{wrong.inspect} is no field" if wrong
      end

      def blank
        "blank: can only be :keep" unless [nil, :keep].include?(@options[:blank])
      end

      def map
        return ("otherwise: needs a map:" if @options.key?(:otherwise)) unless @options.key?(:map)
        return "any_of: has no map" if @options.key?(:any_of)

        "map: is a Hash of source values and values" unless @options[:map].is_a?(Hash)
      end
    end
  end
end
