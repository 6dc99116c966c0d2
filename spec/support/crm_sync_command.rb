# frozen_string_literal: true

require "rbconfig"
require "stringio"
require "crm_sync/command_line"
require_relative "child_process"
require_relative "leftovers"

# The command crm_sync, in this process and as a process of its own.
module CrmSyncCommand
  EXECUTABLE = File.join(Leftovers::CHECKOUT, "exe/crm_sync")
  # The secret that signs plans, here and there.
  PLAN_SECRET = "a secret of all stages"
  PARTNERS = File.join(Leftovers::CHECKOUT, "spec/dummy/app/routines/partner_sync.rb")

  # The result of a command in this process.
  Ended = Struct.new(:code, :stdout, :stderr) do
    def json
      JSON.parse(stdout, symbolize_names: true)
    end
  end

  # A file that is not there yet.
  def ruby_file(text, name = "partners.rb")
    File.join(scratch, name).tap { |path| File.write(path, text) }
  end

  # The dummy's sync under another name, which nobody has loaded; with code in front of it.
  def partners_file(before: "", names: %w[CommandedSync])
    declaration = File.read(PARTNERS).sub("# frozen_string_literal: true\n", "")
    ruby_file([before, *names.map { |name| declaration.sub("class PartnerSync", "class #{name}") }].join("\n"))
  end

  # Runs a command in this process.
  def crm_sync(*arguments)
    streams = [$stdout, $stderr]
    $stdout = StringIO.new
    $stderr = StringIO.new
    code = CrmSync::CommandLine.start(arguments)
    Ended.new(code, $stdout.string, $stderr.string)
  ensure
    $stdout, $stderr = streams
    forget_commanded
  end

  # Starts a command as a process of its own, which speaks to the simulators of PartnerWorld.
  def start_crm_sync(*arguments, env: {}, chdir: scratch)
    start_command(RbConfig.ruby, EXECUTABLE, *arguments, env: { **environment, **env }, chdir:)
  end

  def run_crm_sync(*arguments, timeout: 60, **options)
    start_crm_sync(*arguments, **options).wait(timeout:)
  end

  # Both simulators, for another process.
  def environment
    services = { "SALESFORCE" => salesforce, "ZENDESK_GLOBAL" => zendesk, "ZENDESK_USGOV" => zendesk }
    settings = services.compact.flat_map do |service, simulator|
      { "HOST" => simulator.url, "CLIENT_ID" => "simulator", "CLIENT_SECRET" => "simulator" }.map do |name, value|
        ["CRM_SYNC_#{service}_#{name}", value]
      end
    end
    { **settings.to_h, "CRM_SYNC_SALESFORCE_SESSION_STORE" => "memory",
                       "CRM_SYNC_STATE_DIR" => File.join(scratch, "child_state"),
                       "CRM_SYNC_PLAN_SECRET" => PLAN_SECRET }
  end

  def self.included(group)
    group.around do |example|
      logger = CrmSync.configuration.logger
      example.run
    ensure
      CrmSync.configuration.logger = logger
    end
  end

  private

  # Forgets the file of a command, so that the next one can load it as if for the first time.
  def forget_commanded
    commanded = CrmSync::OrganizationSync.subclasses.filter_map(&:name).grep(/\ACommanded/)
    commanded.each { |name| Object.send(:remove_const, name) if Object.const_defined?(name) }
  end
end
