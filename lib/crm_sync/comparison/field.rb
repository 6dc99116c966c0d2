# frozen_string_literal: true

module CrmSync
  class Comparison
    # Represents a field that is compared, or the key.
    class Field
      KINDS = %i[any text number checkbox date drop_down].freeze
      private_constant :KINDS

      # @return [String, Symbol] the name as the caller gave it
      attr_reader :name
      # @return [Symbol] one of the kinds that say how values are compared
      attr_reader :kind

      # @param fields [Array, Hash] the names of the fields, or names mapped to kinds
      # @return [Array<Field>]
      def self.list(fields)
        list = named(fields)
        twice = list.group_by { |field| field.name.to_s }.values.find { |same| same.size > 1 }
        Comparison.wrong("fields: names #{twice.first.name} twice; name it once") if twice
        list
      end

      def self.named(fields)
        case fields
        when Array then fields.map { |name| new("fields:", name) }
        when Hash then fields.map { |name, kind| new("fields:", name, kind) }
        else
          Comparison.wrong("fields: is #{Comparison.a(fields)}; give an Array of names, or a Hash of name => kind")
        end
      end
      private_class_method :named

      def initialize(place, name, kind = :any)
        unless (name.is_a?(String) || name.is_a?(Symbol)) && name.to_s.valid_encoding? && name.to_s.present?
          Comparison.wrong("#{place} #{name.inspect} is not a name; give a String or a Symbol")
        end
        known = KINDS.map(&:inspect).join(", ")
        Comparison.wrong("#{place} #{name} has the kind #{kind.inspect}; give one of #{known}") unless
          KINDS.include?(kind)
        @name = name
        @kind = kind
        @path = Path.new(name.to_s)
      end

      # @return [Object, nil] the value that the record has for this field
      def of(record)
        @path.of(record)
      end

      # @return [Object, nil] the same value, in the form that the core takes (see {Value})
      # @raise [Value::Unfit] when the value cannot be compared
      def value(record)
        Value.of(of(record), kind)
      end
    end
    private_constant :Field
  end
end
