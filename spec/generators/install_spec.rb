# frozen_string_literal: true

require "rails_helper"

# The generator as a host runs it: in a copy of the dummy that has neither our tables nor a sync.
RSpec.describe "rails generate crm_sync:install" do
  let(:host) { File.join(scratch, "host") }

  before do
    FileUtils.cp_r(ChildProcess::DUMMY, host)
    FileUtils.rm_r(File.join(host, "app/routines"))
    File.write(File.join(host, "Rakefile"), %(require_relative "config/application"\nRails.application.load_tasks\n))
    edit("config/boot.rb", /^checkout = .*/) { "checkout = #{Leftovers::CHECKOUT.inspect}" }
    edit("db/schema.rb", /^  # >>>.*# <<<$/m) { "" }
  end

  def read(file)
    File.read(File.join(host, file))
  end

  def edit(file, pattern, &)
    text = read(file)
    raise "#{file} has nothing like #{pattern}" unless text.match?(pattern)

    File.write(File.join(host, file), text.sub(pattern, &))
  end

  def rails(*arguments)
    result = run_command(RbConfig.ruby, "bin/rails", *arguments, chdir: host)
    raise "#{arguments.join(" ")} failed: #{result.stdout}#{result.stderr}" unless result.success?

    result.stdout
  end

  def written(folder)
    Dir[File.join(host, folder, "**/*.rb")].map { |path| File.basename(path).sub(/\A\d{14}_/, "") }
  end

  def template(name)
    File.read(File.join(Leftovers::CHECKOUT, "lib/generators/crm_sync/install/templates", "#{name}.rb.tt"))
  end

  Databases::NAMES.each do |kind, name|
    context "on #{name}", timeout: 240 do
      using_database kind, fresh: true

      before do
        tables = %i[crm_sync_states crm_sync_outbox crm_sync_runs crm_sync_changes]
        tables.each { |table| ActiveRecord::Base.connection.drop_table(table) }
      end

      it "writes what a sync needs to run, once migrated" do
        rails "generate", "crm_sync:install", "--recipe", "openstax_accounts"
        rails "db:migrate"
        said = rails "runner", <<~RUBY
          require "crm_sync/testing"
          user = User.create!(state: "activated")
          EmailAddress.create!(user: user, value: "ann@b.edu", verified: true)
          contact = { "Id" => "0034C00000VaYfKQAV", "Email" => "Ann@b.edu", "Faculty_Verified__c" => "Confirmed" }
          CrmSync::Testing::Salesforce.start(records: { "Contact" => [contact], "Lead" => [] }) do
            puts UpdateUserSalesforceInfo.call.status, UpdateUserSalesforceInfo.plan.empty?
          end
          puts user.reload.salesforce_contact_id, CrmSync.const_get(:StateRow).where("name LIKE 'sources%'").count
          puts CrmSync::OutboxRow.count
        RUBY
        expect(said.split).to eq(%w[applied true 0034C00000VaYfKQAV 1 0])
      end
    end
  end

  context "without a database" do
    using_database :sqlite

    it "leaves what is there as it is when it is run again" do
      2.times do
        rails "generate", "crm_sync:install"
        edit("config/initializers/crm_sync.rb", /\z/) { "# mine\n" }
        edit("app/syncs/user_sync.rb", /\z/) { "# mine\n" }
      end
      expect(written("db/migrate")).to eq(%w[create_crm_sync_tables.rb])
      expect(written("app/syncs")).to eq(%w[user_sync.rb])
      expect(read("config/initializers/crm_sync.rb")).to eq("#{template("initializer")}# mine\n# mine\n")
      expect(read("app/syncs/user_sync.rb")).to eq("#{template("empty")}# mine\n# mine\n")
    end

    it "writes an empty sync that says what it lacks" do
      said = rails "generate", "crm_sync:install"
      expect(said).to include("complete app/syncs/user_sync.rb, whose comments say", "puts UserSync.plan")
      said = rails "runner", "begin; UserSync.plan; rescue CrmSync::Error => e; puts e.class, e.message; end"
      missing = ['its contacts; add: contacts "Contact"', 'its model; add: model "User"', "its match_by; add: match_by"]
      lines = missing.map { |what| %r{app/syncs/user_sync.rb:\d+: UserSync does not say #{Regexp.escape(what)}} }
      expect(said.lines).to match([/\ACrmSync::MappingError$/, *lines])
    end

    it "tells a --database that would change nothing" do
      expect { rails "generate", "crm_sync:install", "--database", "reports" }
        .to raise_error(%r{--database reports: config/database.yml has no such database; there are primary})
    end
  end

  context "with the recipe gitlab_partners" do
    using_database :sqlite

    # The query of GitLab's handbook.
    let(:seed) do
      <<~SOQL
        SELECT
        Account_ID_18__c,
        Name,
        Account_Owner_Calc__c,
        Technical_Account_Manager_Name__c,
        Restricted_Account__c,
        Solutions_Architect_Lookup__r.Name,
        Partner_Track__c,
        Support_Hold__c,
        Account_Risk_Level__c,
        Type,
        Partners_Partner_Status__c
        FROM Account
        WHERE
        Account_ID_18__c = '0014M00001sDiGEQA0' OR
        (
        Type = 'Partner' AND
        Partners_Partner_Status__c IN ('Authorized') AND
        Partner_Track__c IN ('Open', 'Select')
        )
      SOQL
    end

    # The fields in any order, and the rest of it; white space counts for nothing.
    def parts(soql)
      fields, rest = soql.split.join(" ").match(/\ASELECT (.*?) (FROM .*)\z/).captures
      [fields.split(", ").sort, rest.gsub("( ", "(").gsub(" )", ")")]
    end

    # The same with the id, and in its order: where Salesforce forgets a cursor, the reader goes on behind the last row.
    # And with what tells whether a parent could be read.
    def as_read(parts)
      fields, rest = parts
      parents = fields.filter_map { |field| field[/\A(\w+)__r\./, 1] }
      object, condition = rest.split(" WHERE ", 2)
      [[*fields, "Id", *parents.flat_map { |parent| ["#{parent}__c", "#{parent}__r.Id"] }].sort,
       "#{object} WHERE (#{condition}) ORDER BY Id"]
    end

    it "writes a sync that asks Salesforce for what the seed asks for" do
      said = rails "generate", "crm_sync:install", "--recipe", "gitlab_partners"
      expect(said).to include("ALLIANCE_ACCOUNT_ID", "puts PartnerSync.plan")
      asked = rails "runner", <<~RUBY
        ENV["ALLIANCE_ACCOUNT_ID"] = "0014M00001sDiGEQA0"
        require "crm_sync/testing"
        CrmSync::Testing::Salesforce.start(records: { "Account" => [] }) do |salesforce|
          PartnerSync.gather_accounts(dir: #{File.join(scratch, "data").inspect})
          puts salesforce.requests.filter_map { |request| request["query"] }
        end
      RUBY
      expect(parts(asked)).to eq(as_read(parts(seed)))
    end

    it "writes a sync that says which variable of the environment it lacks" do
      rails "generate", "crm_sync:install", "--recipe", "gitlab_partners"
      code = 'ENV.delete("ALLIANCE_ACCOUNT_ID"); PartnerSync.doctor'
      result = run_command(RbConfig.ruby, "bin/rails", "runner", code, chdir: host)
      expect(result.stderr).to match(/variable ALLIANCE_ACCOUNT_ID is not set\. .*partner_sync\.rb \(CrmSync::/)
    end
  end

  it "names the recipes that there are when it is asked for another" do
    result = run_command(RbConfig.ruby, "bin/rails", "generate", "crm_sync:install", "--recipe", "github", chdir: host)
    names = "empty, devise, discourse, gitlab_partners, openstax_accounts, openstax_accounts_today"
    expect("#{result.stdout}#{result.stderr}").to include("#{names}; got github")
    expect(written("app/routines") + written("config/initializers") + written("db/migrate")).to eq([])
  end

  it "shows settings in the initializer that there are, with their defaults" do
    configuration = CrmSync::Configuration.new
    settings = template("initializer").scan(/^  # config\.(salesforce|zendesk)\.(\w+) += ([^#\n]+)/)
    settings.reject! { |_, name, _| %w[host client_id client_secret].include?(name) }
    expect(settings.map(&:first).uniq).to eq(%w[salesforce zendesk])
    settings.each do |service, name, value|
      expect(configuration.public_send(service).public_send(name)).to eq(eval(value)), name # rubocop:disable Security/Eval
    end
  end

  it "has the recipe for partners that the dummy runs, but for comments and a default for the alliance account" do
    dummy = File.read(File.join(ChildProcess::DUMMY, "app/routines/partner_sync.rb"))
    declared = [dummy.sub(/^ENV.*\n/, ""), template("gitlab_partners")].map { |text| text.lines.grep_v(/^ *#/) }
    expect(declared.first).to eq(declared.last)
  end

  it "has the recipe that the dummy runs, but for subject and recipients of the mail" do
    dummy = File.read(File.join(ChildProcess::DUMMY, "app/routines/update_user_salesforce_info.rb"))
    declared = [dummy, template("openstax_accounts")].map { |text| text[/^class .*?(?=^    DevMailer)/m] }
    expect(declared.first).to eq(declared.last)
  end
end
