# frozen_string_literal: true

module CrmSync
  class Comparison
    # Finds the value of a field in a record, whose keys are Strings or Symbols. If a record has no key that equals a
    # name with dots, such as +organization_fields.region+, the name is taken as a path through nested Hashes.
    class Path
      def initialize(name)
        @text = name
        @symbol = name.to_sym
        parent, rest = name.split(".", 2)
        return unless rest

        @parent = Path.new(parent)
        @rest = Path.new(rest)
      end

      # @return [Object, nil] the value that is found; nil if there is none
      def of(record)
        return record[@text] if record.key?(@text)
        return record[@symbol] if record.key?(@symbol)

        below = @parent&.of(record)
        @rest.of(below) if below.is_a?(Hash)
      end
    end
    private_constant :Path
  end
end
