# frozen_string_literal: true

module CrmSync
  class Comparison
    # The place of a field in a record. Its keys are Strings or Symbols; a name with points that is not there as it
    # stands is a path, such as +organization_fields.region+.
    class Path
      def initialize(name)
        @text = name
        @symbol = name.to_sym
        parent, rest = name.split(".", 2)
        return unless rest

        @parent = Path.new(parent)
        @rest = Path.new(rest)
      end

      # @return [Object, nil] the value that stands there
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
