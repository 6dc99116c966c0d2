# frozen_string_literal: true

require_relative "../notices/given"
require_relative "../notices/suggestion"

module CrmSync
  # Checks the option +allow+, with which somebody raises limits for one run. It is checked before anything is read,
  # because reading takes time, and again before anything is written.
  module AllowCheck
    # @param allow [Hash{Symbol => Integer}]
    # @param known [Array<Symbol>] the result of {Internal::Declaration#allowed_names}
    # @return [void]
    # @raise [ArgumentError] when it is not a Hash of numbers, or has an unknown name
    def self.run(allow, known)
      example = "allow: { #{known.first}: 20 }"
      raise ArgumentError, "allow: is #{Given.kind(allow)}; write it as #{example}" unless allow.is_a?(Hash)

      unknown, = allow.keys - known
      raise ArgumentError, "allow: there is no #{unknown.inspect}; #{Suggestion.among(unknown, known)}" if unknown
      return if allow.values.all? { |number| number.is_a?(Integer) && !number.negative? }

      raise ArgumentError, "allow: takes whole numbers, such as #{example}"
    end
  end
  private_constant :AllowCheck
end
