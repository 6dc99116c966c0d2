# frozen_string_literal: true

require "rails_helper"
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

    it "shows how a sync is run beside an old routine" do
      stub_const("OldRoutine", Class.new { def self.call; end })
      expect(with_ann { page.run("shadow") }).to include("1 run, 0 changes alike, 1 difference", "not done: 1")
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

  it "lists every word of a declaration" do
    places = [CrmSync::Dsl, CrmSync::Contacts::Dsl, CrmSync::Contacts::FollowUps, CrmSync::Contacts::Guards,
              CrmSync::Contacts::Keys, CrmSync::Contacts::Reads,
              CrmSync::Contacts::Writes, CrmSync::Contacts::Trust, CrmSync::Contacts::LeadRules]
    words = places.flat_map { |place| place.public_instance_methods(false) }
    words -= %i[list]
    expect(page.table("words").map { |row| row.first[/`(\w+)/, 1].to_sym }.uniq).to include(*words)
  end

  it "names the recipes that there are" do
    recipes = Dir[File.join(Leftovers::CHECKOUT, "lib/generators/crm_sync/install/templates/*_*s.rb.tt")]
    names = recipes.map { |path| File.basename(path, ".rb.tt") }.grep_v(/\Acreate/)
    shown = Page.all.map(&:text).join.scan(/--recipe (\w+)/).flatten.uniq
    expect(shown).to match_array(names)
  end
end
