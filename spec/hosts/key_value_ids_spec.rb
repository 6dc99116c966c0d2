# frozen_string_literal: true

require "rails_helper"
require "support/host_world"
require "support/incremental_world"

# A host that keeps what it knows of people in a table of names and values, as Discourse does, and the contact's id
# among them.
RSpec.describe "a host with the contact's id in a key-value table" do
  include HostWorld
  include IncrementalWorld

  let(:key) { "salesforce_contact_id" }

  def forum_tables(unique: true)
    people_table(contact: :none) { |t| [t.string(:title), t.boolean(:gone), t.timestamps(null: true)] }
    tables.create_table(:fields, force: true) do |t|
      t.bigint :person_id, null: false
      t.string :name, null: false
      t.text :value
      t.timestamps
      t.index %i[person_id name], unique:
    end
    forum_models
  end

  def forum_models
    tables.schema_cache.clear!
    stub_const("Field", Class.new(ActiveRecord::Base) { belongs_to :person })
    Person.has_one :contact_field, -> { where(name: "salesforce_contact_id") }, class_name: "Field"
    Person.scope :there, -> { where(gone: nil) }
  end

  def forum_sync(**place, &more)
    stub_const("ForumSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Person", **{ foreign_key: :value, through: :contact_field }, **place
      sync.match_by(:mails, column: :address, to: %w[Email]) { trust :known }
      sync.attribute :title, from: "Title"
      sync.contact_missing set: { title: nil }
      sync.class_exec(&more) if more
    end
  end

  # A person with a few fields, among them the contact's id, if there is one.
  def member(email = nil, contact: nil, **columns)
    person(email, **columns).tap do |member|
      Field.create!(person: member, name: "plan", value: "gold")
      Field.create!(person: member, name: key, value: contact["Id"]) if contact
    end
  end

  # The contacts' ids by person, as the table has them.
  def kept = Field.where(name: key).order(:id).pluck(:person_id, :value)

  # All rows but for what is new in a row that was deleted and is there again.
  def rows_of_all
    [Person, Field].map do |model|
      model.all.map { |row| row.attributes.except("id", "created_at", "updated_at") }.sort_by(&:to_s)
    end
  end

  def apply(sync, **options) = sync.call(allow: HostWorld::ALL, **options)

  # Plans once by reading everybody, and once by need.
  def plans(sync)
    all = sync.plan
    stub_const("CrmSync::Contacts::Need::FEW", -1)
    stub_const("CrmSync::Contacts::Need::SHARE", 1_000)
    allow(CrmSync::Contacts::NeededQuery).to receive(:new).and_call_original
    [all, sync.plan]
  ensure
    expect(CrmSync::Contacts::NeededQuery).to have_received(:new).at_least(:twice)
    stub_const("CrmSync::Contacts::Need::FEW", 10_000)
  end

  def expect_done(sync) = expect(plans(sync).map(&:changes)).to eq([[], []])

  on_each_host_database do
    before { forum_tables }

    let(:ann) { contact("ann@b.edu", "Title" => "Dr") }
    let(:bob) { contact("bob@b.edu", "Title" => "Prof") }

    it "creates the row with a link, updates it with a relink, and deletes it with an unlink" do
      member = member("ann@b.edu")
      sync = forum_sync
      salesforce_has ann
      plan = sync.plan
      expect(plan.changes.map(&:to_h)).to match(
        [include(action: :link, before: { contact_field: nil, title: nil },
                 after: { contact_field: ann["Id"], title: "Dr" })]
      )
      expect(plan.apply.status).to eq(:applied)
      expect([kept, member.reload.title]).to eq([[[member.id, ann["Id"]]], "Dr"])
      row = member.contact_field
      expect_done(sync)

      again = contact("ann@b.edu", "Title" => "Dr")
      salesforce_has again
      expect(apply(sync).applied.map(&:action)).to eq([:relink])
      expect([kept, Field.find_by(name: key)]).to eq([[[member.id, again["Id"]]], row])
      expect_done(sync)

      salesforce_has bob
      expect(apply(sync).applied.map(&:action)).to eq([:unlink])
      expect([kept, member.reload.title]).to eq([[], nil])
      expect(Field.pluck(:name, :value)).to eq([%w[plan gold]])
      expect_done(sync)
    end

    it "follows the contact of a row that is there, in either spelling" do
      members = [ann["Id"], bob["Id"].first(15)].map { |id| member(contact: { "Id" => id }) }
      salesforce_has ann, bob
      run = apply(forum_sync)
      expect(run.applied.map { |change| [change.key, change.action, change.after] })
        .to eq([[members[0].id, :update, { title: "Dr" }], [members[1].id, :update, { title: "Prof" }]])
      expect_done(ForumSync)
    end

    it "goes on as it was read incrementally" do
      member = member("ann@b.edu")
      sync = forum_sync { incremental full_every: 1.day }
      org_has ann
      expect(apply(sync).applied.map(&:action)).to eq([:link])
      salesforce.replace("Contact", [changed(ann, Title: "Prof")])
      run = nil
      expect(incremental? { run = apply(sync) }).to be(true)
      expect([run.applied.map(&:action), member.reload.title]).to eq([[:update], "Prof"])
      expect_done(sync)
    end

    it "writes a plan from a file, and takes the run back" do
      linked = member(contact: ann, title: "Dr")
      fresh = member("bob@b.edu", title: "Mr")
      salesforce_has bob
      before = rows_of_all
      forum_sync.plan.save(path = File.join(scratch, "forum.plan"))
      run = CrmSync::Plan.load(path).apply(allow: HostWorld::ALL)
      expect(run.applied.map { |change| [change.key, change.action] }).to eq([[linked.id, :unlink], [fresh.id, :link]])
      expect(kept).to eq([[fresh.id, bob["Id"]]])
      expect(ForumSync.plan.changes).to be_empty

      expect(run.undo!.status).to eq(:applied)
      expect(rows_of_all).to eq(before)
    end

    it "counts who could suffer a plan from a file as the core counts them" do
      [ann, nil, nil, nil].each_with_index { |contact, n| member(contact:, title: %w[Mr Dr Ms Mx][n]) }
      salesforce_has ann
      plan = forum_sync { unmatched set: { title: nil } }.plan
      plan.save(path = File.join(scratch, "forum.plan"))
      counts = [plan, CrmSync::Plan.load(path)].map { |one| could_suffer_of(one) }
      expect(counts).to match([include(unlink: 1, sweep: 3), counts.first])
    end

    it "touches the user with the row where the row's model does" do
      Field.belongs_to :person, touch: true, inverse_of: :contact_field
      member("ann@b.edu").update_columns(updated_at: 1.day.ago)
      salesforce_has contact("ann@b.edu")
      seen = []
      apply(forum_sync { after_link { |person, _| seen.push(person.tap { person.update!(title: "Ms") }.updated_at) } })
      expect(seen).to all(be_within(1.minute).of(Time.current))
    end

    it "refuses a plan that names another place" do
      member("ann@b.edu")
      salesforce_has ann
      forum_sync.plan.save(path = File.join(scratch, "forum.plan"))
      Person.has_one :other_field, -> { where(name: "other") }, class_name: "Field"
      forum_sync(through: :other_field)
      expect { CrmSync::Plan.load(path) }.to raise_error(CrmSync::StalePlan, /writes the column contact_field/)
    end

    it "takes back nothing that is another one by now" do
      member = member("ann@b.edu")
      salesforce_has ann
      run = apply(forum_sync)
      member.contact_field.update!(value: bob["Id"])
      expect(run.undo!.stale.values).to match([/contact_field is #{bob["Id"]} now, and was #{ann["Id"]}/])
      other = member(contact: ann)
      salesforce_has bob
      unlinked = apply(forum_sync)
      expect(unlinked.applied.map(&:key)).to include(other.id)
      member(contact: ann)
      expect(unlinked.undo!.stale.values).to include(/the contact is another's by now/)
    end

    it "explains by key, by contact and by address" do
      member = member(contact: ann)
      salesforce_has ann
      sync = forum_sync
      expect(sync.explain(member)).to include("linked to contact #{ann["Id"]}", "planned: update")
      expect(sync.explain(ann["Id"].first(15))).to match(/user #{member.id}\n  is linked to contact #{ann["Id"]}/)
      run = apply(sync)
      expect(sync.explain(member)).to include("run #{run.id}")
    end

    it "explains by contact, where the default scope lists columns" do
      Person.class_eval { default_scope { select("people.*") } }
      member = member(contact: ann)
      salesforce_has ann
      expect(forum_sync.explain(ann["Id"])).to start_with("user #{member.id}\n")
    end

    it "holds who has several rows, and says so" do
      forum_tables(unique: false)
      doubtful = member("ann@b.edu", contact: ann)
      extra = Field.create!(person: doubtful, name: key, value: bob["Id"])
      other = member("bob@b.edu")
      cy = contact("cy@b.edu")
      fresh = member("cy@b.edu")
      salesforce_has ann, bob, cy
      sync = forum_sync
      run = apply(sync)
      expect(run.applied.map(&:key)).to eq([fresh.id])
      expect(run.issues.map(&:to_s))
        .to eq(["invalid_contact_id: user #{doubtful.id} has several rows for the contact's id; delete all but one"])
      expect(run.stale.transform_keys(&:key)).to eq(other.id => "the contact is another's by now")
      expect(sync.explain(doubtful)).to include("has several rows for the contact's id", "held until the contact id")
      extra.destroy!
      expect(apply(sync).applied.to_h { |change| [change.key, change.action] })
        .to eq(doubtful.id => :update, other.id => :link)
      expect_done(sync)
    end

    it "looks under the lock whether there are several rows by now, or another one" do
      forum_tables(unique: false)
      doubtful, relinked = Array.new(2) { |n| member("#{%w[ann bob][n]}@b.edu") }
      salesforce_has ann, bob
      plan = forum_sync.plan
      2.times { Field.create!(person: doubtful, name: key) }
      Field.create!(person: relinked, name: key, value: salesforce_id("003"))
      expect(plan.apply.stale.values).to eq(["its contact is another one"] * 2)
      expect(Field.where(name: key).count).to eq(3)
    end

    it "looks whether a record before it in its batch has given it a row" do
      first, second = %w[ann bob].map { |name| member("#{name}@b.edu") }
      salesforce_has ann, bob
      sync = forum_sync do
        after_link do |person, _|
          Field.create!(person: second, name: "salesforce_contact_id", value: "0034C000Va09999") if person == first
        end
      end
      expect(apply(sync).stale.transform_keys(&:key)).to eq(second.id => "its contact is another one")
      expect(kept).to contain_exactly([first.id, ann["Id"]], [second.id, "0034C000Va09999"])
    end

    it "takes a row without a value for none, and writes to it" do
      member = member("ann@b.edu")
      row = Field.create!(person: member, name: key)
      salesforce_has ann
      apply(forum_sync)
      expect([kept, row.reload.value]).to eq([[[member.id, ann["Id"]]], ann["Id"]])
      row.update!(value: "")
      expect(forum_sync.plan.issues.map(&:kind)).to eq([:invalid_contact_id])
    end

    it "makes an error of that record of a row that somebody else creates at the same moment, and goes on" do
      hasty, patient = Array.new(2) { |n| member("#{%w[ann bob][n]}@b.edu") }
      theirs = { person_id: hasty.id, name: key, value: "theirs", created_at: Time.current, updated_at: Time.current }
      Field.before_create { Field.insert!(theirs) if person_id == hasty.id }
      salesforce_has ann, bob
      run = apply(forum_sync)
      expect(run.errors).to match([have_attributes(key: hasty.id, exception: "ActiveRecord::RecordNotUnique")])
      expect([run.applied.map(&:key), kept, hasty.reload.title]).to eq([[patient.id], [[patient.id, bob["Id"]]], nil])
    end

    it "gives a contact to one, whoever else got it since the plan" do
      Person.class_eval { default_scope { where(gone: nil) } }
      hidden = member(gone: true, contact: ann)
      held = member("ann@b.edu")
      late = member("bob@b.edu")
      salesforce_has ann, bob
      sync = forum_sync
      plan = sync.plan
      expect(plan.changes.map(&:key)).to eq([late.id])
      expect(plan.issues.map(&:to_s))
        .to match([/user #{hidden.id}, .* so user #{held.id} does not .*; delete the contact_field of the hidden row/])
      member(gone: true, contact: bob)
      expect(plan.apply.stale.values).to eq(["the contact is another's by now"])
    end

    it "tells of what a callback of the row puts back" do
      member = member("ann@b.edu")
      Field.before_save { self.value = nil }
      salesforce_has ann
      run = apply(forum_sync)
      expect(run.issues.map(&:to_s))
        .to match([/\Aput_back: what was written to user #{member.id} .*callbacks or types of Field/])
      expect([kept, member.reload.title, forum_sync.plan.changes]).to eq([[], nil, []])
    end

    it "runs what follows a link, and sends it while the row is there" do
      seen = []
      sync = forum_sync do
        after_link { |person, change| seen << [person.contact_field.value, change.ids, change.audit[:contact_field]] }
        after_link(on: :unlink) { |person, change| seen << [person.contact_field, change.ids] }
        write_back "Title", with: :title, on: :link
      end
      members = Array.new(2) { |n| member("#{%w[ann bob][n]}@b.edu") }
      salesforce_has ann, bob
      ActiveRecord::Base.transaction { apply(sync) }
      expect(seen[0]).to eq([ann["Id"], { previous_contact_id: nil, contact_id: ann["Id"] }, ann["Id"]])
      Field.find_by(person: members[1], name: key).destroy!
      salesforce_has ann
      run = apply(sync)
      expect(run.issues.map(&:to_s)).to match([/withdrawn.*the user has no contact any more/])
      expect(writes_to(salesforce, answered: true).map(&:first)).to eq([ann["Id"]])
      salesforce_has contact("cy@b.edu")
      apply(sync)
      expect(seen.last).to eq([nil, { previous_contact_id: ann["Id"], contact_id: nil }])
    end

    it "finds who was given a row while another routine ran" do
      others = Array.new(2) { member }
      salesforce_has ann
      report = forum_sync.shadow { Field.create!(person: others[1], name: key, value: ann["Id"]) }
      expect(report.differences.map(&:key)).to eq([others[1].id.to_s])
    end

    it "keeps the id in the row of a class, and of an owner of several kinds" do
      tables.create_table(:notes, force: true) do |t|
        t.references :owner, polymorphic: true
        t.string :type
        t.string :text
      end
      stub_const("Note", Class.new(ActiveRecord::Base) { belongs_to :owner, polymorphic: true })
      stub_const("ContactNote", Class.new(Note))
      Person.has_one :contact_note, as: :owner
      member = member("ann@b.edu")
      Note.create!(owner: member, text: "other")
      ContactNote.create!(owner_id: member.id, owner_type: "Mail", text: bob["Id"])
      salesforce_has ann
      sync = forum_sync(foreign_key: :text, through: :contact_note)
      apply(sync)
      expect(ContactNote.where(owner: member).pluck(:text)).to eq([ann["Id"]])
      expect_done(sync)
      salesforce_has contact("cy@b.edu")
      apply(sync)
      expect(Note.order(:id).pluck(:owner_type, :text)).to eq([%w[Person other], ["Mail", bob["Id"]]])
    end

    describe "what cannot work" do
      def has(one = :has_one, scope = nil, **options)
        Person.public_send(one, :wrong, scope, class_name: "Field", **options)
        forum_sync(through: :wrong)
      end

      let(:named) { -> { where(name: "a") } }

      it "is refused with the mend, in the line of the declaration" do
        expect_refusal(forum_sync(through: :wrong), "through: :wrong: there is no such association; say a has_one")
        expect_refusal(has(:has_many), "through: :wrong: it is no has_one of Person.*there are \\[:contact_field\\]")
        expect_refusal(has(:has_one, through: :contact_field, source: :person), "it is no has_one")
        expect_refusal(has(:has_one, named, as: :owner), "fields has no column owner_id")
        expect_refusal(has(:has_one, named, foreign_key: :name), "fields.name is of another type than people.id")
        expect_refusal(has(:has_one, named, primary_key: :title), "by another key than the primary one")
      end

      it "is refused of conditions that are none, or more than equalities" do
        [-> { where("name = 'x'") }, -> { where(name: %w[a b]) }, -> { where(name: "a").limit(1) },
         -> { where(name: "a").where.not(value: "b") }, -> { joins(:person).where(name: "a") }].each do |scope|
          expect_refusal(has(:has_one, scope), "its scope is more than equalities, .*; say where\\(column: value\\)")
        end
        expect_refusal(has(:has_one, ->(one) { where(name: one.id) }), "its scope has an argument")
        expect_refusal(has, "it has no condition, so that its row may hold more than the contact's id")
      end

      it "is refused of the column of the row, too" do
        expect_refusal(forum_sync(foreign_key: :name), "fields.name says which row it is; name the column that holds")
        expect_refusal(forum_sync(foreign_key: :valu), "fields has no column valu; did you mean value")
        expect_refusal(forum_sync(foreign_key: :created_at), "fields.created_at cannot hold an id of Salesforce's")
        Field.attr_readonly(:value)
        expect_refusal(forum_sync, "fields.value is attr_readonly")
      end

      it "is refused where the class is not there" do
        Person.has_one :wrong, class_name: "NoSuch"
        expect_refusal(forum_sync(through: :wrong), "the class NoSuch is not there")
      end
    end
  end

  on_host_postgresql do
    before { forum_tables }

    it "is told that only columns of the model are written at once" do
      expect_refusal(forum_sync { write :set_based }, "writes the columns of Person only, .*say write :records")
    end

    it "has the two runs of one moment create one row" do
      forum_tables(unique: false)
      member = member("ann@b.edu")
      salesforce_has(ann = contact("ann@b.edu"))
      plans = Array.new(2) { forum_sync.plan }
      stale = plans.map { |plan| Thread.new { plan.apply } }.map(&:value).flat_map { |run| run.stale.values }
      expect(kept).to eq([[member.id, ann["Id"]]])
      expect(stale).to be_empty.or eq(["its contact is another one"])
    end

    it "waits for a row that somebody keeps locked, for a while, and is told" do
      gone = contact
      members = [member("ann@b.edu", contact: gone), member("bob@b.edu")]
      salesforce_has contact("ann@b.edu"), contact("bob@b.edu")
      plan = forum_sync.plan
      locked = Queue.new
      done = Queue.new
      holder = Thread.new do
        Field.transaction { Field.find_by!(person: members[0], name: key).lock! && locked.push(1) && done.pop }
      end
      locked.pop
      run = plan.apply(allow: HostWorld::ALL)
      done.push(1)
      holder.join
      expect(run.errors).to match([have_attributes(key: members[0].id, message: /somebody else keeps its row, or one/)])
      expect(run.applied.map(&:key)).to eq([members[1].id])
    end
  end
end
