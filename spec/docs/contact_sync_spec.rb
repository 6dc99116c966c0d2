# frozen_string_literal: true

require "rails_helper"
require "generators/crm_sync/install/install_generator"
require_relative "../support/contact_sync_world"
require_relative "../support/pages"

RSpec.describe "docs/contact_sync.md" do
  include ContactSyncWorld
  include ShownCode

  page = Page.new("docs/contact_sync.md")

  context "with a database" do
    using_database :sqlite

    it "shows what can be typed in a console" do
      written = with_ann { page.run("console") }
      expect(written).to include("applied: 1 link", "user 7\n  linked to contact 0034C00000VaYfKQAV")
    end

    it "shows how a plan is made without an org" do
      create_user(id: 7, email: "ann@b.edu")
      expect(page.run("without an org")).to include("UpdateUserSalesforceInfo: 1 change", "has this user's address")
      expect(User.find(7).salesforce_contact_id).to be_nil
    end

    it "shows what the doctor says" do
      fields = UpdateUserSalesforceInfo.declaration.attributes.flat_map(&:paths)
      fields = { "Contact" => %w[Id Email Email_alt__c AccountId SendVerificationTo__c] + fields.grep_v(/\./),
                 "Lead" => %w[Id Email Status LeadSource ConvertedContactId],
                 "Account" => %w[Id School_Location__c K_I_P__c child_of_kip__c] }
      picklists = { "Contact" => { "Faculty_Verified__c" => %w[Confirmed Pending Emeritus] },
                    "Lead" => { "Status" => %w[Open Converted] } }
      salesforce_has(fields:, picklists:)
      said = page.run("doctor").gsub(salesforce.url, "example.my.salesforce.com").gsub(%r{\S+/(?=app/)}, "")
      expect(said).to eq(page.block("output: doctor"))
    end

    it "shows what runs with a change" do
      sync = sync_that { attribute :faculty_status, from: "Status__c", map: :enum }
      sync.class_eval(page.block("run: hooks"), page.name)
      user = create_user(email: "ann@b.edu")
      salesforce_has ann = contact("ann@b.edu", "Status__c" => "confirmed_faculty")
      sync.call
      salesforce_has ann.merge("IsDeleted" => true), contact("x@b.edu")
      sync.call
      expect(user.security_logs.order(:id).pluck(:event_data).map { |data| data["contact_id"] || data["action"] })
        .to eq([ann["Id"], "link", nil])
    end

    it "shows how tenants are kept apart" do
      stub_const("Apartment::Tenant", double(current: "oslo"))
      stub_const("Tenant", double(current: double(code: "OSL")))
      sync = stub_const("FjordSync", Class.new(CrmSync::ContactSync))
      sync.class_eval(page.block("run: tenants"), page.name)
      sync.model "User", foreign_key: :salesforce_contact_id
      sync.match_by(:contact_infos, column: :value, to: %w[Email], leads: %w[Email]) { trust :verified }
      salesforce_has
      sync.call
      expect([sync.runs.map(&:partition), queries("Contact").grep(/Tenant__c = 'OSL'/).size]).to eq([["oslo"], 1])
    end

    it "shows how a sync is run beside an old routine" do
      stub_const("OldRoutine", Class.new { def self.call; end })
      expect(with_ann { page.run("shadow") }).to include("1 run, 0 changes alike, 1 difference", "not done: 1")
    end
  end

  context "with a table without the column" do
    using_database :sqlite, fresh: true

    it "shows how the column is added" do
      connection = ActiveRecord::Base.connection
      connection.remove_column :users, :salesforce_contact_id
      eval(page.block("run: column"), TOPLEVEL_BINDING.dup, page.name) # rubocop:disable Security/Eval
      ActiveRecord::Migration.suppress_messages { AddSalesforceContactIdToUsers.migrate(:up) }
      expect(connection.columns(:users).find { |column| column.name == "salesforce_contact_id" })
        .to have_attributes(null: true, limit: nil, type: :string)
      expect(connection.index_exists?(:users, :salesforce_contact_id, unique: true)).to be(true)
    ensure
      Object.send(:remove_const, :AddSalesforceContactIdToUsers)
      User.reset_column_information
    end
  end

  context "with a key-value table" do
    using_database :sqlite, fresh: true

    before do
      connection = ActiveRecord::Base.connection
      connection.create_table(:members)
      connection.create_table(:member_fields) { |t| [t.bigint(:member_id), t.string(:name), t.string(:value)] }
      connection.create_table(:member_emails) { |t| [t.bigint(:member_id), t.string(:address)] }
      stub_const("MemberField", Class.new(ApplicationRecord))
      stub_const("MemberEmail", Class.new(ApplicationRecord) { scope :confirmed, -> { where.not(address: nil) } })
      stub_const("Member", Class.new(ApplicationRecord) { has_many :emails, class_name: "MemberEmail" })
      stub_const("ForumSync", Class.new(CrmSync::ContactSync))
    end

    it "shows how ids are kept in it" do
      eval(page.block("run: key-value"), TOPLEVEL_BINDING.dup, page.name) # rubocop:disable Security/Eval
      member = Member.create!
      MemberEmail.create!(member_id: member.id, address: "ann@b.edu")
      salesforce_has ann = contact("ann@b.edu")
      expect(ForumSync.call.status).to eq(:applied)
      expect(MemberField.pluck(:member_id, :name, :value)).to eq([[member.id, "salesforce_contact_id", ann["Id"]]])
    end
  end

  it "shows a schedule that calls the sync of the README" do
    called = []
    stub_const("TeacherSync", Class.new { define_singleton_method(:call) { |**options| called << options } })
    schedule = Object.new
    schedule.define_singleton_method(:every) { |_, &job| instance_eval(&job) }
    schedule.define_singleton_method(:runner) { |code| eval(code, TOPLEVEL_BINDING.dup, page.name) } # rubocop:disable Security/Eval
    Time.use_zone("UTC") { schedule.instance_eval(page.block("run: cron"), page.name) }
    expect(called).to match([{ allow_error_email: true }]).or match([{ allow_error_email: false }])
    expect(Page.new("README.md").block("run: example")).to include("class TeacherSync <")
  end

  it "shows how many changes are written at once" do
    counted = []
    stub_const("ApplicationUser", Class.new do
      define_singleton_method(:where) { |conditions| new.tap { counted << conditions } }
      define_method(:update_all) { |assignment| counted << assignment }
    end)
    sync = Class.new(CrmSync::ContactSync) { class_eval(page.block("run: set-based"), page.name) }
    sync.declaration.batch_hooks.each { |hook| hook.block.call([double(key: 7)]) }
    expect(counted).to eq([{ user_id: [7] }, "unread_updates = unread_updates + 1"])
  end

  it "shows what the matching gives" do
    expect(page.blocks("results").size).to eq(2)
    page.each_result { |given, said, line| expect(given).to eq(said), line }
  end

  it "shows how users and contacts are matched" do
    sync = Class.new(CrmSync::ContactSync) { class_eval(page.block("run: keys"), page.name) }
    said = sync.declaration.keys.map { |key| [key.name, key.as, key.evidence, key.tiers.map(&:scope)] }
    expect(said).to eq([[:uuid, nil, true, [:all]], [:external_id, :integer, false, [:all]],
                        [:email, :email, false, [:confirmed]]])
  end

  it "shows how stored leads are declared" do
    sync = Class.new(CrmSync::ContactSync) { class_eval(page.block("run: stored-leads"), page.name) }
    expect(sync.declaration.all_keys.map { |key| [key.name, key.leads] })
      .to eq([[:contact_infos, ["Email"]], [:salesforce_lead_id, ["Id"]]])
  end

  it "lists every word of a declaration" do
    places = [CrmSync::Dsl, CrmSync::Contacts::Dsl, CrmSync::Contacts::FollowUps, CrmSync::Contacts::Guards,
              CrmSync::Contacts::Keys, CrmSync::Contacts::Partitions,
              CrmSync::Contacts::Reads,
              CrmSync::Contacts::Writes, CrmSync::Contacts::Trust, CrmSync::Contacts::LeadRules]
    words = places.flat_map { |place| place.public_instance_methods(false) }
    words -= %i[list]
    expect(page.table("words").map { |row| row.first[/`(\w+)/, 1].to_sym }.uniq).to include(*words)
  end

  it "names the recipes that there are, with the classes that they write" do
    templates = File.join(Leftovers::CHECKOUT, "lib/generators/crm_sync/install/templates")
    files = CrmSync::Generators::InstallGenerator::RECIPES.except("empty")
    shown = Page.all.map(&:text).join.scan(/--recipe (\w+)/).flatten.uniq
    expect(shown).to match_array(files.keys)
    written = page.table("recipes").to_h { |recipe, sync| [recipe[/\w+(?=`)/], sync.delete("`")] }
    expect(written).to eq(written.to_h { |name, _| [name, File.read("#{templates}/#{name}.rb.tt")[/^class (\w+)/, 1]] })
    expect(files.slice(*written.keys).transform_values { |path| File.basename(path, ".rb").camelize }).to eq(written)
  end
end
