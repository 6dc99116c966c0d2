# frozen_string_literal: true

require "active_support/core_ext/hash/deep_transform_values"
require "json"
require "shellwords"
require_relative "../plan/proposal"
require_relative "exit_codes"
require_relative "failure"
require_relative "log"
require_relative "sync_file"

module CrmSync
  module CommandLine
    # A command on a file: loads it, has the sync do something, and says what came of it.
    class Command
      # The command that writes what another one only plans.
      WRITING = { "plan" => "run", "compare" => "apply" }.freeze
      private_constant :WRITING

      # @param name [String]
      # @param file [String]
      # @param options [Hash{Symbol => Object}]
      # @param shell [CrmSync::CommandLine::Shell]
      def initialize(name, file, options, shell)
        @name = name
        @file = file
        @options = options
        @shell = shell
      end

      # @yieldparam sync [Class]
      # @yieldreturn [#status, #to_h, #to_s] what came of it
      # @return [Integer] the exit code
      # @raise [Thor::Error] when the arguments cannot be right
      def perform(&)
        report = work(&)
        @options[:json] ? json(sync: @sync.name, **report.to_h) : show(report)
        ExitCodes.of(report.status, detailed: @options[:detailed_exitcode])
      rescue Thor::Error
        raise
      rescue StandardError, ScriptError => e
        failed(Failure.new(e))
      end

      private

      def work
        CrmSync.configuration.logger = log
        alone_on_stdout do
          @sync = SyncFile.new(@file).sync(@options[:sync])
          @options[:quiet] ? yield(@sync) : @shell.bar.listen { yield @sync }
        end
      end

      def log
        level = @options[:verbose] ? Logger::INFO : Logger::WARN
        Log.new(level) { |line| @shell.error(in_our_words(line)) }
      end

      # Keeps what the file prints away from a machine and its JSON.
      def alone_on_stdout
        before = $stdout
        $stdout = $stderr if @options[:json]
        yield
      ensure
        $stdout = before
      end

      def show(report)
        return @shell.say(in_our_words(report.to_s)) unless @options[:quiet]

        report.unsaid.each { |text| @shell.error(in_our_words("error: #{@sync.name}: #{text}")) }
      end

      def json(**content)
        words = content.deep_transform_values { |value| value.is_a?(String) ? in_our_words(value) : value }
        @shell.say(JSON.generate({ command: @name, **words }))
      end

      def failed(failure)
        @shell.error(@options[:trace] ? failure.trace : failure.to_s)
        json(sync: @sync&.name, **failure.to_h) if @options[:json]
        ExitCodes.of(:failed)
      end

      # Messages propose a call in Ruby; here it is a command.
      def in_our_words(text)
        Proposal.in_other_words(text) { |allow| [*again, "--allow", *allow].join(" ") }
      end

      def again
        words = ["crm_sync", WRITING.fetch(@name, @name), @file.shellescape]
        words += ["--dir", @options[:dir].shellescape] if @options[:dir]
        words += ["--sync", @options[:sync].shellescape] if @options[:sync]
        words
      end
    end
    private_constant :Command
  end
end
