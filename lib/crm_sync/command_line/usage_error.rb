# frozen_string_literal: true

require "thor"
require_relative "../notices/suggestion"

module CrmSync
  module CommandLine
    # Invalid arguments.
    class UsageError < Thor::Error
      # @param command [Thor::Command]
      # @param arguments [Array<String>] too many or too few of them, without the options
      # @return [UsageError] an error that says which, with the usage
      def self.misfit(command, arguments)
        name, *expected = command.usage.split
        extra = arguments.drop(expected.size)
        problem = extra.any? ? superfluous(extra) : "#{expected.join(" ")} is expected"
        usage = ["crm_sync", command.usage, *valued(command.options.values)].join(" ")
        new("#{problem}; usage: #{usage}; for its options: crm_sync help #{name}")
      end

      def self.superfluous(arguments)
        what = arguments.one? ? "is one argument too many" : "are too many arguments"
        "#{arguments.map(&:inspect).join(" ")} #{what}"
      end
      private_class_method :superfluous

      # Returns the options that take a value, each as it is written.
      def self.valued(options)
        options.select(&:banner).map do |option|
          written = "#{option.switch_name} #{option.banner}"
          option.required? ? written : "[#{written}]"
        end
      end
      private_class_method :valued

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
