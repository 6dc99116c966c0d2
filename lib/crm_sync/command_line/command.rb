# frozen_string_literal: true

require "json"
require "shellwords"
require_relative "exit_codes"
require_relative "failure"
require_relative "log"
require_relative "sync_file"

module CrmSync
  module CommandLine
    # A command that takes a file: loads the file, runs the block with the sync, and reports the result.
    class Command
      # The command that writes the changes, for each command that only plans them.
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
      # @yieldreturn [#status, #to_h, #to_s] the result of the command
      # @return [Integer] the exit code
      # @raise [Thor::Error] when the arguments are invalid
      def perform(&)
        Refusal.propose(method(:again)) do
          report = work(&)
          @options[:json] ? json(sync: @sync.name, **report.to_h) : show(report)
          ExitCodes.of(report.status, detailed: @options[:detailed_exitcode])
        end
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
        Log.new(level) { |line| @shell.error(line) }
      end

      # Sends the output of the file to stderr, so that a machine finds only JSON on stdout.
      def alone_on_stdout
        before = $stdout
        $stdout = $stderr if @options[:json]
        yield
      ensure
        $stdout = before if before # nil if an interrupt came first
      end

      def show(report)
        return @shell.say(report.to_s) unless @options[:quiet]

        report.unsaid.each { |level, text| @shell.error("#{level}: #{@sync.name}: #{text}") }
      end

      # Not by the shell, which says nothing with +--quiet+.
      def json(**content)
        $stdout.puts(JSON.generate({ command: @name, **content }))
      end

      def failed(failure)
        @shell.error(@options[:trace] ? failure.trace : failure.to_s)
        json(sync: @sync&.name, **failure.to_h) if @options[:json]
        ExitCodes.of(:failed)
      end

      # Returns the command that allows what was refused. A refusal would propose a call in Ruby.
      def again(allow)
        words = ["crm_sync", WRITING.fetch(@name, @name), @file.shellescape]
        words += ["--dir", @options[:dir].shellescape] if @options[:dir]
        words += ["--sync", @options[:sync].shellescape] if @options[:sync]
        [*words, "--allow", *allow.map { |name, count| "#{name}:#{count}" }].join(" ")
      end
    end
    private_constant :Command
  end
end
