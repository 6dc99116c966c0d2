# frozen_string_literal: true

require "json"
require "thor"
require_relative ""
require_relative "store/utf8"
require_relative "command_line/app"
require_relative "command_line/exit_codes"
require_relative "command_line/failure"
require_relative "command_line/shell"
require_relative "command_line/usage_error"

module CrmSync
  # The command +crm_sync+, which runs an organization sync without Rails. Only the executable loads this file.
  module CommandLine
    # Runs the command that the arguments name.
    # @param arguments [Array<String>]
    # @return [Integer] the exit code
    def self.start(arguments)
      arguments = arguments.map { |argument| Utf8.text(argument) }
      shell = Shell.new
      code = App.start(words(arguments), shell:, debug: true) # debug: makes Thor raise argument errors
      code.is_a?(Integer) ? code : ExitCodes.of(:shown)
    rescue Thor::Error => e
      failure = Failure.new(UsageError.told(e))
      shell.error(failure.to_s)
      shell.say(JSON.generate(failure.to_h)) if arguments.include?("--json")
      ExitCodes.of(:usage)
    end

    # Returns the arguments in the form of Thor, for which the help of a command is a command of its own.
    # @raise [CrmSync::CommandLine::UsageError] when an argument is not UTF-8, which Thor could not read
    def self.words(arguments)
      unreadable = arguments.find { |argument| !argument.valid_encoding? }
      raise UsageError, "the argument #{unreadable.scrub("?").inspect} is not UTF-8" if unreadable

      command, *rest = arguments
      (rest & %w[--help -h]).any? ? ["help", command] : arguments
    end
    private_class_method :words

    Confidential.cover
  end
  private_constant :CommandLine
end
