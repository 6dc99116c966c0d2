# frozen_string_literal: true

require "rails_helper"
require "pty"
require_relative "support/crm_sync_command"
require_relative "support/partner_world"

RSpec.describe CrmSync::CommandLine do
  include PartnerWorld
  include CrmSyncCommand

  # A budget of 5 marks, with all other sources as they should be.
  def more_marks_than_allowed(**options)
    partners((1..12).map { |number| account(number) }, (1..18).map { |number| organization(number) }, **options)
  end

  let(:file) { partners_file }

  describe "the file" do
    it "that is not there is named, without a backtrace" do
      ended = crm_sync("run", "nowhere.rb")
      expect([ended.code, ended.stdout]).to eq([1, ""])
      expect(ended.stderr).to eq("crm_sync: nowhere.rb: there is no such file\n")
    end

    it "that raises is named with its line, and nothing of its values" do
      path = ruby_file("# first line\n'a-secret'.no_such_method\n")
      expect(crm_sync("plan", path).stderr).to eq("crm_sync: #{path}:2: NoMethodError: undefined no_such_method\n")
      path = ruby_file("ENV.fetch('NO_SUCH_VARIABLE')\n")
      expect(crm_sync("plan",
                      path).stderr).to eq("crm_sync: #{path}:1: KeyError: key not found: \"NO_SUCH_VARIABLE\"\n")
      path = ruby_file("raise 'ask ann@b.edu, \e[31mnow'")
      expect(crm_sync("plan", path).stderr).to eq("crm_sync: #{path}:1: RuntimeError: ask [address] [31mnow\n")
    end

    it "that is no Ruby, or needs what is not there, is named" do
      ended = crm_sync("plan", ruby_file("secret = 'a-secret\n"))
      expect(ended.code).to eq(1)
      expect(ended.stderr).to match(/\Acrm_sync: \S+partners\.rb: SyntaxError: .*partners\.rb:1: .*\n\z/)
      expect(ended.stderr).not_to include("a-secret")
      expect(crm_sync("plan", ruby_file("require 'no/such/library'")).stderr)
        .to end_with("partners.rb:1: LoadError: cannot load such file -- no/such/library\n")
    end

    it "shows the backtrace with --trace" do
      path = ruby_file("def helper = raise('no')\nhelper\n")
      ended = crm_sync("plan", path, "--trace")
      expect(ended.stderr).to include("crm_sync: #{path}:1: RuntimeError: no\n", "caused by RuntimeError: no\n",
                                      "  #{path}:2:in")
    end

    it "that is wrong in its declaration says so in the declaration's own words" do
      path = ruby_file("class CommandedSync < CrmSync::OrganizationSync\n  attribute :tags, from: 'Tags__c'\nend\n")
      expect(crm_sync("plan", path).stderr).to match(/\Acrm_sync: \S+partners.rb:2: attribute :tags is never written/)
    end

    it "that defines no sync is told what it needs" do
      ended = crm_sync("plan", ruby_file("Class.new(CrmSync::OrganizationSync)"))
      expect(ended.code).to eq(1)
      expect(ended.stderr).to include("defines no organization sync", "class PartnerSync < CrmSync::OrganizationSync",
                                      "A contact sync runs in its Rails app")
    end

    it "that defines several needs --sync, and the message lists them" do
      partners([account(1)], [])
      path = partners_file(names: %w[CommandedOne CommandedTwo])
      ended = crm_sync("plan", path)
      expect(ended.code).to eq(64)
      expect(ended.stderr).to end_with("several syncs; say which with --sync: CommandedOne, CommandedTwo\n")
      ended = crm_sync("plan", path, "--sync", "CommandedThree")
      expect(ended.code).to eq(64)
      expect(ended.stderr).to end_with("no sync \"CommandedThree\"; there are CommandedOne, CommandedTwo\n")
      expect(crm_sync("plan", path, "--sync", "CommandedTwo").stdout).to start_with("CommandedTwo: 1 change")
    end

    it "may configure" do
      partners([account(1)], [])
      configured = "CrmSync.configure { |config| config.zendesk(:global).host = ENV.fetch('PARTNERS_HOST') }"
      path = partners_file(before: configured)
      env = { "CRM_SYNC_ZENDESK_GLOBAL_HOST" => nil, "PARTNERS_HOST" => zendesk.url }
      expect(run_crm_sync("run", path, env:).status.exitstatus).to eq(0)
      expect(by_account.keys).to eq([account_id(1)])
    end
  end

  describe "exit codes" do
    # Returns the exit codes of the command with and without --detailed-exitcode.
    def both(*arguments, &again)
      [[], ["--detailed-exitcode"]].map do |more|
        again&.call
        crm_sync(*arguments, *more).code
      end
    end

    it "are 0 and 2 for what was or would be done" do
      partners([account(1)], [])
      expect(both("plan", file)).to eq([0, 2])
      expect(both("run", file) { zendesk.replace([]) }).to eq([0, 2])
    end

    it "are 0 where there is nothing to do" do
      partners([account(1)], [organization(1, support_hold: false)])
      expect([both("plan", file), both("run", file)]).to eq([[0, 0], [0, 0]])
    end

    it "are 3 where a budget holds something back" do
      more_marks_than_allowed
      expect([both("plan", file), both("run", file)]).to eq([[3, 3], [3, 3]])
    end

    it "are 3 also where something failed beside what is held back" do
      failures = { on: :create, answer: { error: { status: 422, code: "RecordInvalid" } } }
      more_marks_than_allowed(zendesk: { faults: [failures] })
      salesforce.replace("Account", [*salesforce.records("Account"), account(99)])
      result = crm_sync("run", file, "--json")
      expect(result.code).to eq(3)
      expect(JSON.parse(result.stdout)).to include("status" => "held")
      expect(result.stderr).to include("RecordInvalid")
      expect(crm_sync("exit-codes").stdout.squish).to match(/ held .* the others were tried, and some may have failed/)
    end

    it "are 3 and 5 where a source looks wrong" do
      partners([], [organization(1)])
      expect([both("plan", file), both("run", file)]).to eq([[3, 5], [3, 5]])
      expect(writes).to be_empty
    end

    it "are 4 where something failed" do
      failures = { item_failures: { count: 1 } }
      partners([account(1), account(2)], [organization(1, account_owner: "x"), organization(2, account_owner: "y")],
               zendesk: { faults: [{ on: :update_many, answer: failures }] })
      expect(both("run", file)).to eq([4, 4])
    end

    it "are 1 where nothing can be said to be done" do
      partners([account(1)], [], salesforce: { faults: [{ on: :query, answer: :html }] })
      expect(both("run", file)).to eq([1, 1])
    end

    it "are 64 for arguments that cannot be right, before anything is read" do
      partners([account(1)], [])
      [%w[rum], %w[run], ["run", file, "more"], ["compare", file], ["run", file, "--no-such"],
       ["run", file, "--allow", "mark"], ["run", file, "--allow", "mark:many"], ["run", file, "--allow", "mark:-1"],
       ["run", file, "--allow", "unlink:3"], ["explain", file, "???"]].each do |arguments|
        expect(both(*arguments)).to eq([64, 64]), arguments.inspect
      end
      expect(salesforce.requests + zendesk.requests).to be_empty
    end

    it "are 0 and 6 for a run that was skipped" do
      stub_const("SKIPPED", instance_double(CrmSync::Run, status: :skipped, ledger: CrmSync::Ledger.new({}),
                                                          problems: [], refusals: [], errors: [], to_s: "skipped: …"))
      text = "class CommandedSync < CrmSync::OrganizationSync\n  def self.call(**) = SKIPPED\nend\n"
      expect(both("run", ruby_file(text))).to eq([0, 6])
    end

    it "are shown as a table" do
      shown = crm_sync("help", "exit-codes")
      expect([shown.code, shown.stderr]).to eq([0, ""])
      expect(shown.stdout).to match(/^blocked +3 +5  a source looks wrong/)
      expect(crm_sync("exit-codes").stdout).to eq(shown.stdout)
    end
  end

  describe "--allow" do
    it "raises a budget, as the message proposes it" do
      more_marks_than_allowed
      ended = crm_sync("run", file)
      expect(ended.stderr).to end_with("If that is right: crm_sync run #{file} --allow mark:6\n")
      expect(fields_of(18)["mark_for_deletion"]).to be_falsy
      expect(crm_sync("run", file, "--allow", "mark:6", "--detailed-exitcode").code).to eq(2)
      expect(fields_of(18)["mark_for_deletion"]).to be(true)
    end

    it "lets a source through that looks wrong" do
      partners([], [organization(1)])
      ended = crm_sync("plan", file)
      expect(ended.stdout).to include("If that is right: crm_sync run #{file} --allow accounts:0\n")
      expect(crm_sync("run", file, "--allow", "accounts:0", "mark:1").code).to eq(0)
      expect(fields_of(1)["mark_for_deletion"]).to be(true)
    end

    it "is proposed for the stage that applies, with its folder and the sync, as a shell takes them" do
      more_marks_than_allowed
      dir = File.join(scratch, "the folder")
      path = partners_file(names: %w[CommandedOne CommandedTwo])
      options = ["--dir", dir, "--sync", "CommandedTwo"]
      %w[gather-accounts gather-organizations].each { |stage| crm_sync(stage, path, *options) }
      proposed = "crm_sync apply #{path} --dir #{dir.shellescape} --sync CommandedTwo --allow mark:6"
      expect(crm_sync("compare", path, *options).stdout).to include(proposed)
      expect(crm_sync("compare", path, *options, "--json").json[:refusals].first[:message]).to end_with(proposed)
      expect(crm_sync("apply", path, *options).stderr).to include(proposed)
      expect(crm_sync(*proposed.shellsplit.drop(1)).code).to eq(0)
    end
  end

  describe "what people see" do
    it "is the plan, and nothing is written" do
      partners([account(1)], [])
      ended = crm_sync("plan", file)
      expect(ended.stdout).to start_with("CommandedSync: 1 change, 0 issues (no earlier run is remembered)\n  " \
                                         "read 1 account, 0 organizations\n")
      expect([ended.stderr, writes]).to eq(["", []])
    end

    it "is the run with its ledger and what somebody has to look at; what went wrong is on stderr" do
      partners([account(1), account(2), account(3, Name: "Taken")],
               [organization(1, account_owner: "x"), { "id" => 9, "name" => "Taken" }],
               zendesk: { faults: [{ on: :update_many, answer: { item_failures: { count: 1 } } }] })
      ended = crm_sync("run", file)
      expect(ended.stdout).to match(/\Apartial: 1 create, 1 error, 1 issue, in/)
      expect(ended.stdout).to match(/^accounts +3 = /)
      expect(ended.stdout.lines.last).to start_with("name_taken: account #{account_id(3)}")
      expect(ended.stderr).to match(/\Aerror: CommandedSync: #{account_id(1)}: /)
    end

    it "is told where the options of a command are when the arguments do not fit" do
      expect(crm_sync("run", file, "--allow", "mark").stderr)
        .to eq("crm_sync: \"mark\" is one argument too many; usage: crm_sync run FILE [--allow mark:20 accounts:3] " \
               "[--sync NAME]; for its options: crm_sync help run\n")
      expect(crm_sync("plan", file, "20", "30").stderr)
        .to start_with("crm_sync: \"20\" \"30\" are too many arguments; usage: crm_sync plan FILE")
      expect(crm_sync("compare", "--dir", "data").stderr)
        .to include("FILE is expected; usage: crm_sync compare FILE --dir DIR [--sync NAME];")
    end

    it "names the command of the stage that has to come first" do
      dir = File.join(scratch, "run gather_accounts")
      expect(crm_sync("compare", file, "--dir", dir).stderr)
        .to eq("crm_sync: #{dir}/gathered_accounts.json: it is not there; run gather-accounts first\n")
    end

    it "is told of words that there are not, with those that there are" do
      { %w[rum] => /no command "rum"; did you mean run\? there are apply, compare, demo, doctor, exit-codes, /,
        %w[help plam] => /no command "plam"; did you mean plan\? there are apply/,
        ["run", file, "--jsn"] => /no option --jsn; did you mean --json\? there are --allow, --detailed-exitcode, / }
        .each do |arguments, message|
          ended = crm_sync(*arguments)
          expect([ended.code, ended.stderr.lines.size]).to eq([64, 1])
          expect(ended.stderr).to match(message)
        end
    end

    it "says in one line that an argument is not UTF-8, or that there are no options" do
      { ["plan", "\xE9.rb"] => 'the argument "?.rb" is not UTF-8',
        ["-v"] => "there is no option -v, nor any other here" }
        .each do |arguments, message|
          ended = crm_sync(*arguments)
          expect([ended.code, ended.stderr]).to eq([64, "crm_sync: #{message}\n"])
        end
    end

    it "is the help of a command that is asked for help" do
      [%w[plan --help], %w[compare -h], %w[apply file --help], %w[exit-codes --help]].each do |arguments|
        ended = crm_sync(*arguments)
        expect([ended.code, ended.stdout, ended.stderr]).to eq([0, crm_sync("help", arguments.first).stdout, ""])
      end
    end

    [60, 80, 120].each do |width|
      it "fits a terminal of #{width} columns, and leaves no word out" do
        stub_const("ENV", ENV.to_h.merge("COLUMNS" => width.to_s))
        [%w[help], %w[help run], %w[help exit-codes]].each do |arguments|
          text = crm_sync(*arguments).stdout
          rest = arguments.last == "exit-codes" ? 45 + 30 : width
          expect(text.lines.map { |line| line.chomp.size }.max).to be <= [width, rest].max
          expect(text).not_to include("...")
        end
        expect(crm_sync("help").stdout.split.join(" ")).to include("Shows what run would do; writes nothing")
      end
    end

    it "is the story of an account or an organization" do
      partners([account(1)], [organization(1)])
      expect(crm_sync("explain", file, account_id(1)).stdout).to start_with("account #{account_id(1)}\n  account ")
      expect(crm_sync("explain", file, "1001").stdout).to start_with("organization 1001\n  account #{account_id(1)}")
    end

    it "is what the doctor has found, whose problems are an exit code" do
      partners([account(1)], [])
      found = crm_sync("doctor", file)
      expect([found.code, found.stdout]).to match([0, /\ACommandedSync: 0 problems, .*\n  ok       declaration  it is/])
      wrong = partners_file.tap { |path| File.write(path, File.read(path).sub("Support_Hold__c", "Suport_Hold__c")) }
      found = crm_sync("doctor", wrong, "--json")
      expect(found.json[:status]).to eq("unhealthy")
      expect(found.json[:findings]).to include(include(level: "problem", topic: "accounts"))
      found = crm_sync("doctor", wrong, "--quiet")
      expect([found.code, found.stdout, found.stderr])
        .to match([1, "", /\Aerror: CommandedSync: accounts: .*Suport_Hold/])
    end

    it "has log lines from the level info on with --verbose" do
      partners([account(1)], [])
      expect(crm_sync("run", file, "--verbose").stderr).to start_with("info: CommandedSync: Starting\n")
      expect(crm_sync("run", file).stderr).to eq("")
    end

    it "is only what went wrong with --quiet" do
      more_marks_than_allowed
      [crm_sync("run", file, "--quiet"), crm_sync("plan", file, "--quiet")].each do |ended|
        expect([ended.code, ended.stdout]).to eq([3, ""])
        expect(ended.stderr).to start_with("error: CommandedSync: held back: 6 changes of the kind mark")
        expect(ended.stderr.lines.size).to eq(1)
      end
    end

    it "is JSON on stdout with --quiet too, if that is asked for" do
      partners([account(1)], [])
      expect(%w[plan doctor run].map { |command| crm_sync(command, file, "--quiet", "--json").json[:status] })
        .to eq(%w[planned healthy applied])
    end

    it "has the doctor's warnings with --quiet" do
      partners([account(1)], [], salesforce: { view_all_data: :withheld })
      said = crm_sync("doctor", file).stdout.lines.grep(/^  warning/)
      quietly = crm_sync("doctor", file, "--quiet").stderr.lines.grep(/^warning: CommandedSync: /)
      expect(quietly.map { |line| line.split.last }).to eq(said.map { |line| line.split.last }).and be_any
    end

    it "has no control characters, whatever the records hold" do
      hostile = "Evil \e]0;title\a\u009b31m\r\nsecond line\u0000"
      partners([account(1, Name: hostile), account(2, Account_Owner_Calc__c: hostile), account(3, Name: hostile),
                account(4).merge("Account_ID_18__c" => "\e[2J")],
               [organization(2), organization(5, name: hostile), { "id" => 7, "name" => hostile.delete("\u0000") }],
               zendesk: { faults: [{ on: :create, answer: { error: { status: 422, code: "E\e[1m",
                                                                     description: hostile } } }] })
      said = [%w[plan], %w[run], ["explain", account_id(2)], %w[explain 1005]].map do |command, *more|
        crm_sync(command, file, *more)
      end
      text = said.flat_map { |ended| [ended.stdout, ended.stderr] }.join
      expect(text).to include("Evil")
      expect(text.delete("\n")).not_to match(/[[:cntrl:]]/)
    end

    it "is a progress bar where stderr is a terminal, which makes place for log lines" do
      partners((1..5).map { |number| account(number) }, [organization(1, account_owner: "x")])
      text = terminal(RbConfig.ruby, CrmSyncCommand::EXECUTABLE, "run", CrmSyncCommand::PARTNERS, "--verbose")
      expect(text).to match(/organizations: 1 of 1 \|=+\|/)
      expect(text).to match(/changes: 5 of 5 \|=+\|/)
      expect(text).to match(/^(?:.*\r)?info: PartnerSync: Finished: applied: 4 create, 1 update/)
      expect(text).to match(/^applied: 4 create, 1 update/)
    end

    # All that a command writes to its terminal.
    def terminal(*command)
      reader, writer, pid = PTY.spawn(environment, *command)
      text = +""
      loop { text << reader.readpartial(4_096) }
    rescue Errno::EIO, EOFError # its end
      text.force_encoding("UTF-8")
    ensure
      [reader, writer].compact.each(&:close)
      Process.wait(pid) if pid
    end
  end

  describe "--json" do
    it "gives one object, with all that came of a run" do
      partners([account(1), account(3, Name: "Taken")], [{ "id" => 9, "name" => "Taken" }])
      ended = crm_sync("run", file, "--json")
      json = ended.json
      expect(json.keys).to eq(%i[command sync status summary changes refusals errors stale issues ledger written])
      expect(json).to include(command: "run", sync: "CommandedSync", status: "applied", refusals: [], errors: [])
      expect(json[:summary]).to include(applied: { create: 1 }, issues: 1)
      expect(json[:changes]).to match([include(action: "create", key: account_id(1), outcome: "applied",
                                               after: include(name: "Partner 1"))])
      expect(json[:issues].first).to include(kind: "name_taken", accounts: [account_id(3)], organizations: [9])
      expect(json[:ledger][:changes]).to include(rows: 1)
      expect(json[:written]).to eq([{ zendesk: zendesk.url, changes: 1 }])
      expect([ended.stdout.lines.size, ended.stderr]).to eq([1, ""])
    end

    it "gives what a plan would come to" do
      more_marks_than_allowed
      json = crm_sync("plan", file, "--json").json
      expect(json).to include(command: "plan", status: "held", written: [])
      expect(json[:refusals]).to match([include(name: "mark", reason: /\Aheld back: 6 changes/, allow: { mark: 6 },
                                                message: /crm_sync run #{file} --allow mark:6\z/)])
      expect(json[:summary]).to include(over_budget: ["mark"])
      expect(json[:changes].map { |change| change.slice(:action, :after) }.uniq)
        .to eq([{ action: "mark", after: { mark_for_deletion: true } }])
    end

    it "gives the errors of records" do
      partners([account(1)], [organization(1, account_owner: "x")],
               zendesk: { faults: [{ on: :update_many, answer: { item_failures: { count: 1 } } }] })
      json = crm_sync("run", file, "--json").json
      expect(json).to include(status: "partial", written: [])
      expect(json[:errors].first).to include(key: account_id(1))
    end

    it "gives what went wrong" do
      partners([account(1)], [], salesforce: { faults: [{ on: :query, answer: :html }] })
      ended = crm_sync("run", file, "--json")
      expect(ended.json).to include(command: "run", sync: "CommandedSync", status: "failed")
      expect(ended.json[:error]).to include(class: "CrmSync::RemoteError")
      expect(ended.stderr.lines.last).to eq("crm_sync: #{ended.json[:error][:message]}\n")
      expect(crm_sync("run", "nowhere.rb", "--json").json[:error][:message]).to end_with("there is no such file")
      expect(crm_sync("run", "--json").json).to include(status: "failed")
      expect(crm_sync("explain", file, "???", "--json").json).to include(status: "failed")
    end

    it "is alone on stdout, also when the file prints" do
      partners([account(1)], [organization(1)])
      path = partners_file(before: "puts 'from the file'; $stdout.puts 'and this'")
      ended = crm_sync("explain", path, account_id(1), "--json")
      expect(ended.json).to include(command: "explain", status: "shown", explanation: include(/#{account_id(1)}/))
      expect(ended.stderr).to eq("from the file\nand this\n")
      expect(crm_sync("version", "--json").json).to eq(command: "version", version: CrmSync::VERSION)
    end
  end

  describe "as a process" do
    it "has no Rails, and is not part of what an app loads" do
      partners([account(1)], [])
      path = ruby_file("warn \"Rails: \#{defined?(Rails).inspect}\"\nload #{CrmSyncCommand::PARTNERS.inspect}\n")
      ended = run_crm_sync("run", path)
      expect([ended.status.exitstatus, ended.stderr]).to eq([0, "Rails: nil\n"])
      code = "require 'crm_sync'; p [defined?(Thor), defined?(ProgressBar), CrmSync.const_defined?(:CommandLine)]"
      expect(run_command(RbConfig.ruby, "-e", code).stdout).to eq("[nil, nil, false]\n")
    end

    it "works where the locale says nothing about UTF-8, with names that are not ASCII" do
      partners([account(1, Name: "Größe → 大")], [])
      ended = run_crm_sync("run", CrmSyncCommand::PARTNERS, env: { "LANG" => "C", "LC_ALL" => "C" })
      expect([ended.status.exitstatus, ended.stderr]).to eq([0, ""])
      expect(by_account.fetch(account_id(1)).first["name"]).to eq("Größe → 大")
    end

    it "says what is missing in the configuration, without a backtrace" do
      partners([account(1)], [])
      ended = run_crm_sync("run", CrmSyncCommand::PARTNERS, env: { "CRM_SYNC_ZENDESK_GLOBAL_HOST" => "" })
      expect([ended.status.exitstatus, ended.stdout]).to eq([1, ""])
      expect(ended.stderr)
        .to match(/\Acrm_sync: zendesk\(:global\)\.host is not set; .*CRM_SYNC_ZENDESK_GLOBAL_HOST\n\z/)
    end

    it "says nothing of the secrets that were refused" do
      partners([account(1)], [], zendesk: { client_secret: "the-right-secret" })
      ended = run_crm_sync("run", CrmSyncCommand::PARTNERS, "--trace", "--verbose", "--json",
                           env: { "CRM_SYNC_ZENDESK_GLOBAL_CLIENT_SECRET" => "a-wrong-secret" })
      expect(ended.status.exitstatus).to eq(1)
      expect(JSON.parse(ended.stdout)["error"]["class"]).to eq("CrmSync::AuthenticationError")
      expect(ended.stdout + ended.stderr).not_to include("a-wrong-secret")
    end

    [["INT", 130, :organizations], ["INT", 130, :update_many], ["TERM", 143, :job_status]].each do |signal, code, on|
      it "ends with #{code} after SIG#{signal} at #{on}, without a backtrace, and leaves nothing running" do
        partners([account(1)], [organization(1, account_owner: "x")], zendesk: { faults: [{ on:, answer: :hang }] })
        child = start_crm_sync("run", CrmSyncCommand::PARTNERS)
        path = { organizations: "/organizations", update_many: "/update_many" }.fetch(on, "/job_statuses")
        eventually { zendesk.requests.any? { |request| request["path"].include?(path) } }
        child.signal(signal)
        ended = child.wait
        expect([ended.status.exitstatus, ended.stdout]).to eq([code, ""])
        sent = "warn: PartnerSync: interrupted: 0 of 1 change applied; Zendesk may have taken more that were sent, " \
               "and has not said so; the next run looks at all of them again\n"
        unsent = "warn: PartnerSync: interrupted while it was reading: nothing was sent, and nothing written\n"
        expect(ended.stderr).to eq("#{on == :organizations ? unsent : sent}crm_sync: ended by SIG#{signal}\n")
        expect { Process.kill(0, -child.pid) }.to raise_error(Errno::ESRCH)
      end
    end

    it "does its work to the end when nobody reads what it says" do
      partners([account(1)], [])
      reader, writer = IO.pipe
      reader.close
      error = File.join(scratch, "error")
      command = [RbConfig.ruby, CrmSyncCommand::EXECUTABLE, "run", CrmSyncCommand::PARTNERS, "--detailed-exitcode"]
      pid = Process.spawn(environment, *command, out: writer, err: error)
      writer.close
      expect(Process.wait2(pid).last.exitstatus).to eq(2)
      expect(File.read(error)).to eq("")
      expect(by_account.keys).to eq([account_id(1)])
    end
  end
end
