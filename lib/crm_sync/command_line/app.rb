# frozen_string_literal: true

require "thor"
require_relative "../notices/suggestion"
require_relative "allowance"
require_relative "command"
require_relative "doctor_report"
require_relative "exit_codes"
require_relative "explanation"
require_relative "gather_report"
require_relative "options"
require_relative "plan_report"
require_relative "run_report"
require_relative "usage_error"

module CrmSync
  module CommandLine
    # Defines the commands and their options.
    class App < Thor
      check_unknown_options!
      map "run" => :run_sync, "--version" => :version # run is a method of Thor

      class << self
        # Makes Thor end with a failure when the arguments are invalid.
        def exit_on_failure?
          true
        end

        # Raises an error with the usage of the command, because Thor's own message would name the method.
        def handle_argument_error(command, _error, arguments, *)
          raise UsageError.misfit(command, arguments)
        end

        # Raises an error that lists the known commands, which Thor's own message does not.
        def handle_no_command_error(command, *)
          known = commands.values.map { |one| one.usage[/\A[\w-]+/] }.sort
          near = Suggestion.for(command, known)
          hint = "did you mean #{near}? " if near
          raise UsageError, "there is no command #{command.inspect}; #{hint}there are #{known.join(", ")}"
        end

        private

        # Describes a command that takes a file, with its options.
        def file_command(usage, text, **options)
          desc(usage, text)
          { **options, **Options::COMMON }.each { |name, details| method_option(name, **details) }
        end
      end

      file_command "doctor FILE", "Checks settings, permissions and fields; writes nothing"
      # Checks what a run needs.
      def doctor(file)
        command("doctor", file).perform { |sync| DoctorReport.new(sync.doctor) }
      end

      file_command "run FILE", "Reads both sides, compares, and writes to Zendesk", allow: Options::ALLOW
      # Runs all four stages in one process.
      def run_sync(file)
        command("run", file).perform { |sync| RunReport.new(sync, sync.call(allow: allow(sync))) }
      end

      file_command "plan FILE", "Shows what run would do; writes nothing"
      # Shows the plan that +run+ would apply.
      def plan(file)
        command("plan", file).perform { |sync| PlanReport.new(sync.plan) }
      end

      file_command "explain FILE ID", "Why an organization is what it is, by its id or by its account's"
      # Explains one organization.
      def explain(file, id)
        command("explain", file).perform do |sync|
          Explanation.new(sync.explain(id))
        rescue ArgumentError => e
          raise UsageError, e.message
        end
      end

      file_command "gather-accounts FILE", "Stage 1: reads the accounts of Salesforce", dir: Options::DIR
      # Runs the first stage.
      def gather_accounts(file)
        command("gather-accounts", file).perform do |sync|
          GatherReport.accounts(options[:dir], sync.gather_accounts(dir: options[:dir]))
        end
      end

      file_command "gather-organizations FILE", "Stage 2: reads the organizations of Zendesk", dir: Options::DIR
      # Runs the second stage.
      def gather_organizations(file)
        command("gather-organizations", file).perform do |sync|
          counts = sync.gather_organizations(dir: options[:dir])
          GatherReport.organizations(options[:dir], sync, counts)
        end
      end

      file_command "compare FILE", "Stage 3: compares what was gathered, and keeps a plan", dir: Options::DIR
      # Runs the third stage.
      def compare(file)
        command("compare", file).perform { |sync| PlanReport.new(sync.compare(dir: options[:dir]), options[:dir]) }
      end

      file_command "apply FILE", "Stage 4: writes to Zendesk what still holds of the plan", dir: Options::DIR,
                                                                                            allow: Options::ALLOW
      # Runs the fourth stage.
      def apply(file)
        command("apply", file).perform do |sync|
          RunReport.new(sync, sync.apply(dir: options[:dir], allow: allow(sync)), options[:dir])
        end
      end

      desc "demo", "Shows both syncs at work on made-up records; needs no account, and touches nothing"
      # Runs the demo, which is part of the gem.
      def demo
        require_relative "../../../demo/demo"
        ExitCodes.of(Demo.run ? :shown : :failed)
      end

      desc "version", "Shows the version"
      method_option :json, **Options::COMMON[:json]
      # Shows the version of the gem.
      def version
        say(options[:json] ? JSON.generate(command: "version", version: VERSION) : VERSION)
      end

      desc "exit-codes", "Shows what the exit codes mean"
      # Shows the table of exit codes.
      def exit_codes
        say(ExitCodes.table(shell.terminal_width))
      end

      desc "help [COMMAND]", "Shows the commands, or the options of one"
      # Shows the help, which includes a page about the exit codes.
      def help(command = nil, *)
        command == "exit-codes" ? exit_codes : super
      end

      private

      def command(name, file)
        Command.new(name, file, options, shell)
      end

      def allow(sync)
        Allowance.parse(options[:allow], sync.declaration.allowed_names)
      end
    end
    private_constant :App
  end
end
