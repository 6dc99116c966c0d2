# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

RSpec.describe CrmSync::Contacts::Doctor do
  include ContactSyncWorld

  # All that the sync reads and writes, as an org has it.
  def org(**options)
    fields = { "Contact" => %w[Id Email Email_alt__c Faculty_Verified__c School_Type__c Adoption_Status__c AccountId
                               Grant_Tutor_Access__c SendFacultyVerificationTo__c SystemModstamp],
               "Lead" => %w[Id Email Status LeadSource],
               "Account" => %w[Id School_Location__c K_I_P__c child_of_kip__c] }
    picklists = { "Lead" => { "Status" => %w[Open Converted] } }
    salesforce_has(**{ picklists: }, **options, fields: fields.merge(options[:fields].to_h))
  end

  def findings(level, sync = UpdateUserSalesforceInfo)
    found = sync.doctor.findings.select { |finding| finding.level == level }
    found.map { |finding| "#{finding.topic}: #{finding.message}" }
  end

  # Databases of their own, because other specs drop indexes of the common ones.
  shared_examples "an examination" do
    it "finds nothing where everything is right, and writes nothing" do
      org
      create_user(email: "ann@b.edu")
      diagnosis = UpdateUserSalesforceInfo.doctor
      expect(diagnosis).to be_healthy
      expect(diagnosis.findings.map { |finding| [finding.topic, finding.level] })
        .to eq(%w[declaration tables lock writes indexes Salesforce permission fields keys picklists write-backs]
                 .product([:ok]))
      expect(writes_to(salesforce)).to eq([])
      described = salesforce.requests.map { |request| request["path"] }.grep(%r{/Contact/describe\z})
      expect(described.size).to eq(1)
      expect([CrmSync::RunRow, CrmSync::StateRow].sum(&:count)).to eq(0)
    end

    it "tells of several lacks at once" do
      org(fields: { "Contact" => %w[Id Email Faculty_Verified__c] }, view_all_data: :withheld)
      sync = Class.new(CrmSync::ContactSync) do
        contacts "Contact"
        model "User", foreign_key: :salesforce_contact_id
        match_by(:contact_infos, column: :value, to: "Email") { trust :verified }
        attribute :faculty_status, from: "Facutly_Verified__c", map: { "Confirmed" => :confirmed_faculty }
      end
      expect(findings(:problem, stub_const("SlipSync", sync)))
        .to contain_exactly(/\Afields: .*doctor_spec\.rb:\d+: .*Facutly_Verified__c; did you mean Faculty_V/)
      expect(findings(:warning, SlipSync)).to contain_exactly(/\Apermission: .*\(View All Data\); .* several reads/)
    end

    it "tells of all fields that are missing, and goes on" do
      org(picklists: { "Lead" => { "Status" => %w[Open Convert] } })
      sync = sync_that do
        attribute :school_type, from: "Schol_Type__c", map: { "High" => :high_school }
        attribute :using_openstax, from: "Adoption__Status__c", map: { "Current Adopter" => true }
        write_back "SystemModstamp", with: :first_name, on: :link
      end
      expect(findings(:problem, sync)).to contain_exactly(
        /\Afields: .*sees no Contact\.Schol_Type__c; did you mean School_Type__c\?\n.* mean Adoption_Status__c\?\z/,
        /\Awrite-backs: .*may not change Contact\.SystemModstamp/
      )
    end

    it "checks the app before there are any settings" do
      sync = sync_that { attribute :no_such_column, from: "Fax" }
      expect(findings(:problem, sync)).to contain_exactly(/\Adeclaration: .*no_such_column/,
                                                          /\ASalesforce: salesforce\.host is not set/)
    end

    it "does not ask Salesforce for fields of a declaration that does not fit the app" do
      org
      sync = sync_that { attribute :no_such_column, from: "Fax" }
      expect(sync.doctor.findings.map(&:topic)).to eq(%w[declaration tables lock Salesforce permission])
    end

    it "names the values that a picklist has, or that only the declaration has" do
      picklists = { "Contact" => { "Faculty_Verified__c" => ["Confirm", "Pending", "Rejected by us", "New"] },
                    "Lead" => { "Status" => %w[Open Convert] } }
      org(picklists:)
      expect(findings(:warning)).to contain_exactly(
        /\Apicklists: .*:\d+: map: names "Confirmed", .* value of Faculty_Verified__c; did you mean "Confirm"\?/,
        /\Apicklists: .*Faculty_Verified__c has the value "Confirm"; map: has no value for it/,
        /\Apicklists: .*Faculty_Verified__c has the value "New"; map: has no value for it/,
        /\Apicklists: .*lead_status names "Converted", .* value of Status; did you mean "Convert"\?/
      )
    end

    it "takes an empty text, which a map may name, for no value of a picklist" do
      org(picklists: { "Contact" => { "Faculty_Verified__c" => %w[Confirmed] } })
      sync = sync_that do
        attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty,
                                                                       ["", nil] => :no_faculty_info }
      end
      expect(findings(:warning, sync)).to eq([])
    end

    it "names the statuses of leads that no rule names" do
      org(picklists: { "Lead" => { "Status" => %w[Open Converted] } })
      sync = sync_that do
        leads "Lead"
        lead_status(from: "Status", trust: :verified) { all "Converted", set: { faculty_status: :pending_faculty } }
      end
      expect(findings(:warning, sync))
        .to contain_exactly(/\Apicklists: .*Status has the value "Open"; no rule of lead_status names it/)
    end

    it "tells which fields cannot be written back" do
      org
      sync = sync_that do
        write_back "SendFacultyVerification__c", with: :first_name, on: :link
        write_back "SystemModstamp", with: :first_name, on: :link
      end
      expect(findings(:problem, sync)).to contain_exactly(
        /\Awrite-backs: .*the integration user sees no Contact\.SendFacultyVerification__c; did you mean .*To__c\?/m
      )
      expect(findings(:problem, sync).first).to match(/the integration user may not change Contact\.SystemModstamp/)
    end

    it "warns of addresses that are compared as texts, also before there are any settings" do
      sync = sync_that do
        match_by :first_name, to: %w[Email Faculty_Verified__c]
        match_by :last_name, to: "Email", as: :text
      end
      warning = /\Akeys: .*_spec\.rb:\d+: match_by :first_name: Email has addresses, .* add as: :email, or as: :text/
      expect(findings(:warning, sync).grep(/keys:/)).to contain_exactly(warning)
      org
      expect(findings(:warning, sync).grep(/keys:/)).to contain_exactly(warning)
      email = sync_that { match_by :first_name, to: "Email", as: :email }
      expect(findings(:warning, email).grep(/keys:/)).to eq([])
    end

    it "warns of ids that are stored in 15 characters" do
      org
      sync = sync_that { match_by :last_name, to: "AccountId" }
      create_user(last_name: "0014C00000VaYfKQAV", email: "ann@b.edu")
      expect(findings(:warning, sync).grep(/keys:/)).to eq([])
      create_user(last_name: "0014C00000VaYfL", email: "bob@b.edu")
      expect(findings(:warning, sync).grep(/keys:/))
        .to contain_exactly(/AccountId has ids, .*users\.last_name has some in 15/)
    end

    it "says that nothing can be written where Rails prevents it" do
      org
      ActiveRecord::Base.while_preventing_writes do
        expect(findings(:problem)).to contain_exactly(/\Awrites: no run can write: Rails lets nothing be written here/)
      end
    end

    it "tells that there is no tenant, without whom nothing can run" do
      org
      sync = sync_that { partition { nil } }
      expect(findings(:problem, sync)).to contain_exactly(/\Adeclaration: .*partition/)
    end

    it "tells that a class without a name cannot run" do
      org
      diagnosis = Class.new(UpdateUserSalesforceInfo).doctor
      expect(diagnosis.problems.map(&:to_s)).to contain_exactly(/\Aproblem: lock: this sync has no name, .* constant\z/)
      expect(diagnosis.to_s).to start_with("this sync: 1 problem, ")
    end

    it "tells where the app's own code raises, without its words, and checks the rest" do
      org
      raising = -> { raise KeyError, "no tenant ann@b.edu" }
      { declaration: sync_that("Tenants") { partition(&raising) },
        fields: sync_that("Filters") { declaration.contacts.where = raising } }.each do |topic, sync|
        diagnosis = sync.doctor
        expect(diagnosis.problems.map(&:to_s))
          .to contain_exactly(/\Aproblem: #{topic}: code .* raised KeyError at .*doctor_spec\.rb:\d+/)
        expect(diagnosis.findings.map(&:topic)).to include("tables", "Salesforce")
        expect(diagnosis.inspect + diagnosis.to_s).not_to include("ann@b.edu")
      end
    end

    it "names the place in the app where a library raises" do
      org
      sync = sync_that { partition { User.whre(id: 1) } }
      expect(findings(:problem, sync)).to contain_exactly(/: code .* raised NoMethodError at #{__FILE__}:\d+; mend/)
    end

    it "reports descriptions that fail, and does not leave checks out without a word" do
      org(faults: [{ on: :describe, answer: { error: { status: 503, code: "SERVER_UNAVAILABLE" } } }],
          settings: { attempts: 1 })
      expect(findings(:problem)).to include(/\Afields: .*SERVER_UNAVAILABLE/)
    end

    it "ends at a deadline of the app's" do
      org
      late = -> { raise Timeout::Error, "late" }
      expect { sync_that { partition(&late) }.doctor }.to raise_error(Timeout::Error)
    end

    it "goes on where the integration user may not read the quota" do
      org(faults: [{ on: :limits, answer: { error: { status: 403, code: "FUNCTIONALITY_NOT_ENABLED" } } }])
      diagnosis = UpdateUserSalesforceInfo.doctor
      expect(diagnosis).to be_healthy
      expect(diagnosis.to_s).to include("how many API requests are left (HTTP 403, FUNCTIONALITY_NOT_ENABLED)")
      expect(diagnosis.findings.map(&:topic)).to include("permission", "fields")
    end

    it "does not take an org that refuses everything for one that only hides the quota" do
      org(faults: [{ on: :limits, answer: { error: { status: 403, code: "REQUEST_LIMIT_EXCEEDED" } } },
                   { on: :query, answer: { error: { status: 403, code: "REQUEST_LIMIT_EXCEEDED" } } }])
      expect(findings(:problem)).to include(/\Afields: .*REQUEST_LIMIT_EXCEEDED/)
    end

    it "passes on what Salesforce says about a sign-in" do
      org(client_secret: "another", settings: { client_secret: "wrong" })
      expect(findings(:problem)).to contain_exactly(/\ASalesforce: .*sign-in/)
    end
  end

  { sqlite: "SQLite", postgresql: "PostgreSQL" }.each do |database, name|
    context "on #{name}" do
      using_database database, fresh: true

      it_behaves_like "an examination"
    end

    context "without indexes on #{name}" do
      using_database database, fresh: true

      it "says which ones to add" do
        connection = ActiveRecord::Base.connection
        %i[users contact_infos].each do |table|
          connection.indexes(table).each { |index| connection.remove_index(table, name: index.name) }
        end
        expect(findings(:warning)).to contain_exactly(
          /\Aindexes: no index finds the user of a contact, .* add_index :users, :salesforce_contact_id\z/,
          /\Aindexes: no index finds users by value, .* add_index :contact_infos, "lower\(value\)"\z/,
          /\Aindexes: no index finds the value of a user, .* add_index :contact_infos, :user_id\z/
        )
        connection.add_index(:users, :salesforce_contact_id)
        connection.add_index(:contact_infos, "lower(value)", name: "by_value")
        connection.add_index(:contact_infos, :user_id)
        expect(findings(:warning)).to eq([])
      end

      it "tells an index that serves the search from one that would have to be read whole" do
        connection = ActiveRecord::Base.connection
        connection.indexes(:contact_infos).each { |index| connection.remove_index(:contact_infos, name: index.name) }
        connection.add_index(:contact_infos, :value)
        connection.add_index(:contact_infos, :user_id)
        expect(findings(:warning)).to contain_exactly(/\Aindexes: no index finds users by value, .*"lower\(value\)"\z/)
      end
    end
  end

  context "with a role that may not do everything" do
    using_database :postgresql, fresh: true

    let(:connection) { ActiveRecord::Base.connection }

    after { connection.execute("RESET ROLE; DROP OWNED BY weak; DROP ROLE weak") }

    it "says what the database refuses, and checks the rest" do
      org
      connection.execute(<<~SQL)
        CREATE ROLE weak;
        GRANT ALL ON ALL TABLES IN SCHEMA public TO weak;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO weak;
        REVOKE ALL ON contact_infos FROM weak;
        SET ROLE weak;
      SQL
      expect(findings(:problem)).to contain_exactly(
        /\Aindexes: the database does not answer a query of a run: .*permission denied for table contact_infos/,
        /\Afields: the database does not answer a query of a run: .*permission denied for table contact_infos/
      )
    end

    it "says what to grant on the tables of the gem" do
      connection.execute(<<~SQL)
        CREATE ROLE weak;
        GRANT ALL ON ALL TABLES IN SCHEMA public TO weak;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO weak;
        REVOKE DELETE ON crm_sync_outbox FROM weak;
        REVOKE USAGE ON SEQUENCE crm_sync_runs_id_seq FROM weak;
        SET ROLE weak;
      SQL
      expect(findings(:problem)).to include(
        /\Atables: the app may not read and write crm_sync_outbox, crm_sync_runs; grant its role SELECT/
      )
    end
  end

  context "with a role that may only read" do
    using_database :postgresql, fresh: true

    let(:connection) { ActiveRecord::Base.connection }

    before do
      org
      connection.execute(<<~SQL)
        CREATE ROLE weak;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO weak;
        GRANT ALL ON crm_sync_states, crm_sync_outbox, crm_sync_runs, crm_sync_changes TO weak;
        GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO weak;
      SQL
    end

    after { connection.execute("RESET ROLE; DROP OWNED BY weak; DROP ROLE weak") }

    it "names the columns that it must update" do
      connection.execute("GRANT UPDATE (faculty_status) ON users TO weak; SET ROLE weak")
      sync = sync_that { attribute :faculty_status, from: "Faculty_Verified__c", map: { "A" => :confirmed_faculty } }
      expect(findings(:problem, sync)).to contain_exactly(
        /\Awrites: .*\.rb:\d+: .* not write salesforce_contact_id, updated_at of users; grant it UPDATE/
      )
      connection.execute("RESET ROLE; GRANT UPDATE (salesforce_contact_id, updated_at) ON users TO weak; SET ROLE weak")
      expect(findings(:problem, sync)).to eq([])
    end

    it "names the table that keeps the ids" do
      connection.create_table(:fields) { |t| [t.bigint(:user_id), t.string(:name), t.string(:value), t.timestamps] }
      connection.execute("GRANT SELECT ON fields TO weak; SET ROLE weak")
      stub_const("Field", Class.new(ApplicationRecord))
      stub_const("Member", Class.new(ApplicationRecord) { self.table_name = "users" })
      Member.has_one :field, -> { where(name: "sf") }, foreign_key: :user_id
      sync = stub_const("MemberSync", Class.new(CrmSync::ContactSync))
      sync.contacts "Contact"
      sync.model "Member", foreign_key: :value, through: :field
      sync.match_by :uuid, to: "Uuid__c"
      expect(findings(:problem, sync).grep(/writes:/)).to contain_exactly(
        /not write users; grant it UPDATE, .*not write fields; grant it UPDATE, INSERT, DELETE, USAGE of its/m
      )
      connection.execute("RESET ROLE; GRANT UPDATE (state) ON users TO weak")
      connection.execute("GRANT ALL ON SEQUENCE fields_id_seq TO weak")
      connection.execute("GRANT INSERT, DELETE, UPDATE (value) ON fields TO weak; SET ROLE weak")
      expect(findings(:problem, sync).grep(/writes:/)).to contain_exactly(/not write fields; grant it UPDATE, as/)
      connection.execute("RESET ROLE; GRANT ALL ON fields TO weak; SET ROLE weak")
      expect(findings(:problem, sync).grep(/writes:/)).to eq([])
    end

    it "says that a session is read-only" do
      connection.execute("SET default_transaction_read_only TO on")
      expect(findings(:problem)).to contain_exactly(/\Awrites: no run can write: .*set default_transaction_read_only/)
    ensure
      connection.execute("SET default_transaction_read_only TO off")
    end
  end

  context "with a database on SQLite that cannot be written" do
    using_database :sqlite, fresh: true

    let(:connection) { ActiveRecord::Base.connection }

    it "says so" do
      org
      connection.execute("PRAGMA query_only = 1")
      expect(findings(:problem)).to contain_exactly(/\Awrites: no run can write: the connection is read-only/)
      connection.execute("PRAGMA query_only = 0")
      expect(findings(:problem)).to eq([])
    ensure
      connection.execute("PRAGMA query_only = 0")
    end

    it "names the folder that this process may not write" do
      org
      folder = File.dirname(connection.select_rows("PRAGMA database_list").first.last)
      allow(File).to receive(:writable?).and_call_original
      allow(File).to receive(:writable?).with(File.realpath(folder)).and_return(false) # root may write any folder
      expect(findings(:problem)).to contain_exactly(/\Awrites: .* may not write #{File.realpath(folder)}, where/)
    end
  end

  context "without the migration" do
    using_database :sqlite, fresh: true

    it "says what each missing table is for, and what to run" do
      command = "run: rails generate crm_sync:install && rails db:migrate"
      ActiveRecord::Base.connection.drop_table(:crm_sync_runs)
      expect(findings(:warning)).to contain_exactly(
        "tables: the database has no crm_sync_runs: there is no history and no undo; #{command}"
      )
      (CrmSync::Beside.tables - ["crm_sync_runs"]).each { |name| ActiveRecord::Base.connection.drop_table(name) }
      expect(findings(:warning).grep(/tables/)).to contain_exactly(
        /: there is no history and no undo, and nothing can be written back, and what is kept .* in files; #{command}\z/
      )
    end
  end
end
