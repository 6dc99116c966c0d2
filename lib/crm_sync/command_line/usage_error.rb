# frozen_string_literal: true

require "thor"
require_relative "../notices/suggestion"

module CrmSync
  module CommandLine
    # Invalid arguments.
    class UsageError < Thor::Error
      # @param error [Thor::Error]
      # @return [Thor::Error] the error itself; for an unknown option an error in one line, with the known options
      def self.told(error)
        return error unless error.is_a?(Thor::UnknownArgumentError)

        known = error.switches.grep(/\A--(?!no-)/).sort
        wrong = error.unknown.map { |option| option.to_s[/\A[^=]+/] }
        return new("there is no option #{wrong.join(", ")}, nor any other here") if known.empty?

        near = Suggestion.for(wrong.first, known)
        hint = "did you mean #{near}? " if near
        new("there is no option #{wrong.join(", ")}; #{hint}there are #{known.join(", ")}")
      end
    end
    private_constant :UsageError
  end
end
