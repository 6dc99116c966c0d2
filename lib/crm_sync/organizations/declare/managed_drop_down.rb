# frozen_string_literal: true

require_relative "../../notices/suggestion"

module CrmSync
  module Organizations
    # Checks that the sync itself sets the drop-down of +managed:+, and only to values that make managed organizations.
    class ManagedDropDown
      # @param organizations [Declaration::Organizations] with a drop-down
      # @param attributes [Array<Attribute>] all that the sync sets
      def initialize(organizations, attributes)
        @organizations = organizations
        @fields = attributes.select { |attribute| attribute.place == :field }
        @field = @fields.find { |field| field.name == organizations.managed_field }
      end

      # @return [Array<Array(String, String)>] for each problem the line of the declaration, and a message with the
      #   correction
      def gaps
        @field ? others.map { |value| [@field.line, lost(value)] } : [[@organizations.line, unset]]
      end

      private

      # Without a value of the drop-down, the sync would create organizations and then not know them as its own.
      def unset
        name, tags = @organizations.to_h.values_at(:managed_field, :managed_values)
        near = Suggestion.for(name, @fields.map(&:name))
        hint = "did you mean #{near}? otherwise " if near
        example = "field :#{name}, first_of: { { \"Type\" => \"Partner\" } => #{tags.first.inspect} }"
        "managed: names #{name}, which new organizations would not get; #{hint}add: #{example}"
      end

      # Returns the values of cases that would take an organization out of the managed ones, and so away from the sync.
      def others
        @field.first_of.to_h.values.reject { |value| @organizations.managed_value?(value) }
      end

      def lost(value)
        tags = @organizations.managed_values.join(", ")
        "first_of: gives #{@field.name} the value #{value.to_s.inspect}, with which the sync would lose the " \
          "organization; add it to managed:, which has #{tags}, or leave out the case"
      end
    end
    private_constant :ManagedDropDown
  end
end
