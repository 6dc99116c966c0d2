# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"
require "support/incremental_world"
require "support/random_org"
require "support/random_users"
require "support/stored_leads"

# Users are read in two ways, by what a count says: all of them, or only those who may come to differ. Both lead to the
# same plan, over random orgs and users. WORLDS=500 takes more of them; one that has failed is run by itself with
# -e "world 17."
RSpec.describe "reading by need" do
  include IncrementalWorld
  include ActiveSupport::Testing::TimeHelpers

  worlds = Integer(ENV.fetch("WORLDS", 30))
  # What 60 worlds must have among them, or else they show little.
  wanted = %i[link relink update unlink lead sweep held_user contested_address contested_value shared_contact
              keys_disagree keys_lead_apart malformed_key unreadable_text incremental
              followed_leads]
  seen = Set.new
  ran = 0

  after(:context) do
    missing = wanted - seen.to_a
    raise "none of #{ran} worlds had: #{missing.inspect}" if ran >= 60 && missing.any?
  end

  # Spellings that SQL and the core could take for another address, each for the other.
  spellings = [
    :upcase.to_proc, ->(address) { "\u00a0#{address}\u3000" }, ->(address) { "\t#{address}\v" },
    ->(address) { address.sub("b.edu", "bücher.example") }, ->(address) { address.sub("b.edu", "BÜCHER.example") },
    ->(address) { address.sub("b.edu", "xn--bcher-kva.example") },
    ->(address) { address.sub("person", "\u212aperson") },
    ->(address) { address.sub("person", "KPERSON") }, ->(address) { address.sub("person", "kperson") },
    ->(address) { address.sub("e", "É") }, ->(address) { "#{address}\u001f" }, ->(_) { "" }, ->(_) { " " },
    ->(address) { "a #{address}" }, ->(address) { address.sub("edu", "\u0130edu") }
  ]

  # Keys of the model itself, of which a declaration can have some, and the field that has them.
  stronger = { uuid: ["Uuid__c", :uuid], support_identifier: ["Reference__c", nil], id: ["User_Id__c", nil],
               first_name: ["Number__c", :integer] }
  respelled_keys = [
    lambda(&:upcase), ->(text) { "{#{text}}" }, ->(text) { text.delete("-") }, ->(text) { " #{text}\u00a0" },
    ->(_) {}, ->(_) { "none" }, ->(_) { " " }, ->(text) { "0#{text}" }, ->(text) { "#{text}.0" }
  ]

  # What every declaration has.
  common = proc do
    claim = CrmSync::Contacts::Key::Tier.new(:school_issued, :contacts, "here", :contact_infos)
    declaration.keys.last.tiers << claim
    attribute :last_name, from: "Account.Name"
    contact_missing set: { faculty_status: :incomplete_signup }
    budget :reject, faculty_status: :rejected_faculty
    protect :faculty_status, from: :rejected_faculty, to: :no_faculty_info
  end

  # What a declaration can leave out; each is given a scope.
  parts = [
    ->(_) { declaration.contacts.where = "LeadSource = 'a' OR LeadSource = 'b'" },
    ->(_) { attribute :first_name, from: "Title" }, ->(scope) { link_when scope if scope },
    ->(_) { shared_contact :link },
    ->(scope) { unmatched set: { faculty_status: :no_faculty_info, using_openstax: nil }, scope: },
    lambda do |scope|
      lead_status(from: "Status", trust: :verified, scope:) do
        all "Converted", set: { faculty_status: :rejected_faculty }
        otherwise set: { faculty_status: :pending_faculty }
      end
    end
  ]

  define_method(:random_sync) do |random|
    keys = stronger.to_a.sample(random.rand(3), random:)
    incremental_sync do
      keys_disagree :link if random.rand(3).zero?
      keys.each do |name, (field, as)|
        all = CrmSync::Contacts::Key::Tier.new(:all, :all, "here", name)
        key = { name:, to: [field], leads: [[field], []].sample(random:), as:, evidence: random.rand(2).zero? }
        declaration.keys.unshift(CrmSync::Contacts::Key.new(**key, tiers: [all], line: "here"))
      end
      class_exec(&common)
      parts.each do |part|
        class_exec([nil, :activated, :legacy].sample(random:), &part) if random.rand(4).positive?
      end
    end
  end

  # More than an org's own users: some have no address of it, and some addresses have no user.
  def populate(random, org, spellings)
    RandomUsers.new(self, random, org)
    create_users(20) do |n|
      { first_name: n.to_s,
        faculty_status: %i[no_faculty_info no_faculty_info rejected_faculty confirmed_faculty].sample(random:),
        is_newflow: random.rand(2).zero?, last_name: ["Élan", "", " ", "\u3000", "Lee", nil].sample(random:),
        state: %w[activated temp].sample(random:), email: "nobody-#{n}@b.edu" }
    end
    ContactInfo.order(:id).each do |row|
      row.update_columns(value: spellings.sample(random:).call(row.value)) if random.rand(4).zero?
      row.update_columns(user_id: 1_000_000 + row.id) if random.rand(15).zero?
    end
  end

  # Gives some contacts and leads what a user has in a key, each side in a spelling of its own.
  define_method(:exchange_keys) do |records, random|
    respell = ->(text, rarely) { random.rand(rarely).zero? ? respelled_keys.sample(random:).call(text.to_s) : text }
    users = User.order(:id).to_a
    records.map! do |record|
      keys = stronger.to_h { |name, (field, _)| [field, respell.call(users.sample(random:)[name], 3)] }
      { **record, **(random.rand(2).zero? ? keys : keys.transform_values { nil }) }
    end
    users.each { |user| user.update_columns(first_name: respell.call(user.first_name, 4)) }
    respell_uuids(users, random)
  end

  # None of which may be another's.
  define_method(:respell_uuids) do |users, random|
    unique = [*respelled_keys.first(4), ->(text) { "none #{text}" }]
    users.each do |user|
      user.update_columns(uuid: unique.sample(random:).call(user.uuid)) if random.rand(4).zero?
    end
  end

  def respelled(records, random, spellings)
    records.map do |record|
      email = record["Email"]
      record = { **record, "Email" => spellings.sample(random:).call(email) } if email && random.rand(4).zero?
      { **record, "Title" => ["Dr", "Professor", nil].sample(random:) }
    end
  end

  # Writes texts that are none.
  def spoil(random)
    texts = %w[616E6EFF40622E656475 616E6E40622E65647500 70657273006F6E3140622E656475]
    { "contact_infos" => "value", "users" => "last_name" }.each do |table, column|
      ids = User.connection.select_values("SELECT id FROM #{table} ORDER BY id").sample(random.rand(3), random:)
      ids.each do |id|
        text = texts.sample(random:)
        User.connection.execute("UPDATE #{table} SET #{column} = CAST(x'#{text}' AS TEXT) WHERE id = #{id}")
      end
    end
  end

  # Moves contacts into the sync's view although their stamps say that nothing has changed.
  def show_unseen(records, random)
    records.map { |record| random.rand(6).zero? ? { **record, "LeadSource" => "a" } : record }
  end

  def plan_of(sync, way, **options)
    stub_const("CrmSync::Contacts::Need::FEW", way == :all ? 1_000_000 : -1)
    stub_const("CrmSync::Contacts::Need::SHARE", 1_000)
    expect(CrmSync::Contacts::NeededQuery).to(way == :all ? receive(:new).once : receive(:new).at_least(:twice))
                                          .and_call_original
    sync.plan(**options)
  end

  # Returns all that a plan says, but for who was not read because nothing could happen to them.
  def told(plan)
    [plan.changes.map(&:to_h), plan.issues.map(&:to_h), kept(plan).except("made_at", "ledger"), books(plan.ledger.to_h),
     could_suffer_of(plan), plan.summary]
  end

  # Returns what another process is told.
  def kept(plan)
    path = File.join(scratch, "need.plan")
    plan.save(path)
    JSON.parse(File.readlines(path).first)
  end

  def books(ledger)
    untouched, buckets = ledger[:users][:buckets].partition { |name, _| %i[unchanged not_concerned].include?(name) }
    { **ledger, users: [buckets.to_h, untouched.sum(&:last), ledger[:users][:notes]] }
  end

  on_each_database do |kind|
    worlds.times do |world|
      it "plans what a reading of everybody plans, in world #{world}." do
        random = Random.new(world)
        org = RandomOrg.new(self, random)
        populate(random, org, spellings)
        exchange_keys(org.records, random)
        spoil(random) if kind == :sqlite
        leads = StoredLeads.new(self, random)
        leads.convert(org.records)
        leads.store(org.records)
        sync = random_sync(random)
        sync.leads "Lead", foreign_key: [:salesforce_lead_id, nil].sample(random:)
        salesforce_has(*respelled(org.records, random, spellings))
        sync.call(allow: BothWriters::ALL) if random.rand(2).zero?
        random.rand(5).times { org.edit }
        leads.convert(org.records) if random.rand(2).zero?
        salesforce_has(*show_unseen(org.records, random))
        full = random.rand(3).zero?
        all = needed = nil
        # Long enough after the run for the users' values to be counted anew where nothing changes, too.
        travel_to(61.minutes.from_now) do
          seen << :incremental if incremental? { all = plan_of(sync, :all, full:) }
          needed = plan_of(sync, :needed, full:)
          expect(told(needed)).to eq(told(all))
        end
        seen.merge([*needed.changes.map(&:action), *needed.issues.map(&:kind)])
        seen << :followed_leads if needed.ledger[:users].notes[:followed_leads].to_i.positive?
        ran += 1
      end
    end
  end
end
