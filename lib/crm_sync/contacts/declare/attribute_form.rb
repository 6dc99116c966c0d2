# frozen_string_literal: true

require_relative "../../notices/given"
require_relative "../../notices/suggestion"
require_relative "../../sync/blank"
require_relative "attribute"

module CrmSync
  module Contacts
    # Checks that the options of an attribute are valid and do not contradict each other.
    class AttributeForm
      KNOWN = %i[from any_of map otherwise blank privileged overwrite].freeze
      private_constant :KNOWN

      def initialize(**options)
        @options = options.reject { |name, value| value.nil? && %i[from any_of].include?(name) }
      end

      # @return [String, nil] the first problem, if there is one
      def problem
        unknown_option || source || blank || overwrite || map
      end

      private

      def unknown_option
        unknown = (@options.keys - KNOWN).first
        return unless unknown

        near = Suggestion.for(unknown, KNOWN)
        "unknown option #{unknown}:; there are #{KNOWN.join(", ")}#{"; did you mean #{near}:?" if near}"
      end

      def source
        return "say from: or any_of:, one of them" unless @options.key?(:from) ^ @options.key?(:any_of)

        fields = @options.key?(:from) ? [@options[:from]] : Array(@options[:any_of])
        return "any_of: names no field" if fields.empty?

        wrong = fields.find { |path| !Internal::ApiName.path?(path) }
        Internal::ApiName.no_field(wrong) if wrong
      end

      def blank
        return unless @options.key?(:blank)

        keys = @options[:map].is_a?(Hash) ? @options[:map].keys.flatten : []
        return "map: says what a blank means, and so does blank:; keep one" if keys.any? { |key| Blank.blank?(key) }

        Given.problem_of_values([@options[:blank]])
      end

      def overwrite
        "overwrite: is true or false" unless [true, false].include?(@options.fetch(:overwrite, true))
      end

      def map
        return ("otherwise: needs a map:" if @options.key?(:otherwise)) unless @options.key?(:map)
        return "any_of: has no map" if @options.key?(:any_of)
        return Given.problem_of_values([*@options[:otherwise]]) if @options[:map] == Attribute::ENUM

        pairs(@options[:map])
      end

      def pairs(map)
        return "map: is a Hash of source values and values, or :enum" unless map.is_a?(Hash) && map.any?

        keys(map.keys.flatten) || Given.problem_of_values([*map.values, *@options[:otherwise]])
      end

      def source?(key)
        case key
        when String, Regexp, Numeric, true, false, nil then true
        end
      end

      # Refuses a Symbol as a source value: Salesforce never returns one.
      def keys(keys)
        wrong = keys.find { |key| !source?(key) }
        return unless wrong

        mend = wrong.is_a?(Symbol) ? "write #{wrong.to_s.inspect}" : "write text, a pattern or nil"
        "map: no source value is #{wrong.is_a?(Symbol) ? wrong.inspect : Given.kind(wrong)}; #{mend}"
      end
    end
    private_constant :AttributeForm
  end
end
