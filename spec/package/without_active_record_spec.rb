# frozen_string_literal: true

require "rails_helper"
require_relative "../support/crm_sync_command"
require_relative "../support/partner_world"

# The gem depends on Active Support only: an organization sync runs in plain Ruby.
RSpec.describe "Without Active Record" do
  include PartnerWorld
  include CrmSyncCommand

  # A Ruby that has neither Rails nor its models.
  let(:absent) do
    ruby_file(<<~RUBY, "absent.rb")
      module NotInstalled
        def require(name)
          return super unless name.match?(%r{\\A(active_(record|model)|rails)(/|\\z)})

          raise LoadError.new("cannot load such file -- \#{name}").tap { |error| error.instance_variable_set(:@path, name) }
        end
      end
      Object.prepend(NotInstalled)
    RUBY
  end

  def ruby(*arguments)
    run_command(RbConfig.ruby, "-r#{absent}", *arguments, env: environment, chdir: scratch)
  end

  it "an organization sync runs, in one call and in stages" do
    partners([account(1), account(2)], [organization(2, account_owner: "somebody"), organization(3)])
    ended = ruby(CrmSyncCommand::EXECUTABLE, "run", partners_file)
    expect([ended.status.exitstatus, ended.stderr]).to eq([0, ""])
    expect(fields_of(2)["account_owner"]).to eq("Owner 2")
    salesforce.replace("Account", [account(1), account(2), account(4)])
    %w[gather-accounts gather-organizations compare apply].each do |stage|
      ended = ruby(CrmSyncCommand::EXECUTABLE, stage, partners_file, "--dir", "stages")
      expect([ended.status.exitstatus, ended.stderr]).to eq([0, ""]), stage
    end
    expect(by_account.keys).to include(account_id(4))
  end

  it "an organization sync has an explanation, a last success, and no history" do
    partners([account(1)], [])
    ended = ruby("-e", <<~RUBY, partners_file)
      require "crm_sync"
      load ARGV.first
      CommandedSync.call
      puts CommandedSync.explain("#{account_id(1)}"), CommandedSync.last_success.class, defined?(ActiveRecord).inspect
      [-> { CommandedSync.runs }, -> { CommandedSync.thaw("#{account_id(1)}") }, -> { CrmSync::History.find(1) }].each do |asked|
        asked.call
      rescue CrmSync::ConfigurationError => e
        puts e.message
      end
    RUBY
    expect(ended.stderr).to eq("")
    no_history = "history needs the tables of crm_sync's migration in the main database of a Rails app; " \
                 "without such an app there is none"
    expect(ended.stdout.lines.last(5).map(&:chomp)).to match(["Time", "nil", *[no_history] * 3])
  end

  it "the demo shows the organization sync, and says what it leaves out" do
    shown = ruby("-I#{Leftovers::CHECKOUT}", "-e", 'require "demo/demo"; p Demo.send(:demos, Terminal.new)')
    expect([shown.stderr, shown.stdout.split.join(" ")]).to eq(["", "#{<<~TEXT.split.join(" ")} [PartnerDemo]"])
      The contact sync is left out: its app has a database in memory, for which the gems activerecord and sqlite3 have
      to be installed.
    TEXT
  end

  it "a contact sync says what it needs" do
    ended = ruby("-e", <<~RUBY)
      require "crm_sync"
      class TeacherSync < CrmSync::ContactSync
        contacts "Contact"
        model "User", foreign_key: :salesforce_contact_id
        match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
        attribute :name, from: "Name"
      end
      TeacherSync.call
    RUBY
    expect(ended.stderr).to include("TeacherSync: a contact sync reads and writes a model of Active Record, which is " \
                                    "not there; add the gems activerecord and pg or sqlite3 to the Gemfile")
    expect(ended.stderr).to include("CrmSync::ConfigurationError")
  end
end
