# frozen_string_literal: true

require_relative "../../sync/blank"

module CrmSync
  module Contacts
    # Represents a declared attribute: it converts fields of a contact into the value of a column.
    class Attribute
      # The outcome of a source value that leaves the column as it is.
      KEEP = Object.new.freeze
      # The outcome of a source value that the declaration does not know.
      QUARANTINE = Object.new.freeze
      NOTHING = Object.new.freeze
      # The +map:+ that accepts the names of the column's enum.
      ENUM = :enum
      # Stands in a text for a character that could not be decoded, such as half an emoji. Nobody writes it
      # intentionally.
      UNREADABLE = "\uFFFD"
      private_constant :NOTHING, :UNREADABLE

      # The column, the paths of the fields, the privileged values, and the line of the declaration.
      attr_reader :column, :paths, :privileged, :line

      def initialize(column, line, paths:, any_of: false, map: nil, otherwise: NOTHING, blank: NOTHING,
                     privileged: [], overwrite: true)
        @column = column
        @line = line
        @paths = paths
        @any_of = any_of
        @otherwise = otherwise
        @blank = blank == :keep ? KEEP : blank
        @privileged = Array(privileged)
        @overwrite = overwrite
        @enum = map == ENUM
        split(@enum ? {} : map) if map
        freeze
      end

      # @return [Boolean] whether the attribute accepts the names of the column's enum, which {#naming} supplies
      def enum?
        @enum
      end

      # @return [Boolean] whether there are privileged values; +false+ can be one
      def privileged?
        !privileged.empty?
      end

      # @param names [Array<String>] the names of the column's enum
      # @return [Attribute] a copy of this attribute that maps each of the names to itself
      def naming(names)
        dup.tap { |copy| copy.split(names.to_h { |name| [name, name] }) }.freeze
      end

      # @return [Symbol] the column, for which a class may declare one attribute only
      def subject = column

      # @return [Attribute] the attribute for another declaration: itself
      def of(_declaration) = self

      # @param values [Array] one source value for each of {#paths}
      # @return [Object] the new value of the column, {KEEP} or {QUARANTINE}
      def outcome(values)
        return QUARANTINE if values.any? { |value| unreadable?(value) }
        return @blank if !@blank.equal?(NOTHING) && values.all? { |value| Blank.blank?(value) }

        @any_of ? any(values) : one(values.first)
      end

      # @return [Array<String>] the values of the field that the declaration names, without those that are blank
      def names
        @exact.to_h.keys.grep(String).reject(&:blank?)
      end

      # @return [Boolean] whether the declaration itself names the value
      def declares?(value)
        values.include?(value)
      end

      # @return [Boolean] whether the declaration says that a blank field sets the column to NULL
      def empties?
        @blank.nil?
      end

      # @return [Boolean] whether the column is written only if it has no value
      def fills?
        !@overwrite
      end

      # @return [Boolean] whether the declaration determines the values of the column; otherwise they are copied from
      #   the field
      def mapped?
        !@exact.nil? || @any_of
      end

      # @return [Array] all values that the declaration may set
      def values
        declared = @exact ? @exact.values + @patterns.map(&:last) : []
        declared += [true, false, nil] if @any_of
        declared + [@otherwise, @blank].reject { |value| value.equal?(NOTHING) || value.equal?(KEEP) }
      end

      protected

      def split(map)
        pairs = map.flat_map { |keys, value| Array(keys.nil? ? [nil] : keys).map { |key| [key, value] } }
        @patterns, exact = pairs.partition { |key, _| key.is_a?(Regexp) }
        @exact = exact.to_h
      end

      private

      def unreadable?(value)
        value.is_a?(String) && value.include?(UNREADABLE)
      end

      def one(value)
        return value unless @exact

        @exact.fetch(value) { pattern(value) }
      end

      # Quarantines a checkbox with a value other than true, false or nil, such as "Yes".
      def any(values)
        return true if values.include?(true)
        return QUARANTINE unless values.all? { |value| value.nil? || value == false }

        values.all?(&:nil?) ? nil : false
      end

      def pattern(value)
        match = @patterns.find { |pattern, _| value.is_a?(String) && pattern.match?(value) }
        return match.last if match

        @otherwise.equal?(NOTHING) ? QUARANTINE : @otherwise
      end
    end
    private_constant :Attribute
  end
end
