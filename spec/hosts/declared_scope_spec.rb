# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Rows that the host has and the sync is not about: model "User", scope: :not_deleted.
RSpec.describe "a host whose sync is about the users of a scope" do
  include ContactSyncWorld

  let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }
  let(:bob) { contact("bob@b.edu", faculty: "Confirmed") }

  # A model that keeps who has deleted the account; is_test says so here.
  def person(&more)
    stub_const("Person", Class.new(ApplicationRecord) { self.table_name = "users" })
    Person.has_many(:contact_infos, foreign_key: :user_id)
    Person.scope(:not_deleted, -> { where(is_test: [nil, false]) })
    Person.scope(:real, -> { where.not(state: "robot") })
    Person.class_exec(&more) if more
  end

  def people_sync(name = "PeopleSync", scope: :not_deleted, &more)
    person unless Object.const_defined?(:Person)
    stub_const(name, Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :salesforce_contact_id, scope: scope
      sync.match_by(:contact_infos, column: :value, to: %w[Email], leads: %w[Email]) do
        trust :verified
        trust :school_issued, matches: :contacts
      end
      sync.attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => 2, nil => 0 }
      sync.class_exec(&more) if more
    end
  end

  def deleted(**columns) = create_user(is_test: true, **columns)

  on_each_database do |kind|
    ways = kind == :postgresql ? %i[records set_based] : %i[records]

    it "does not read, decide, count or write who is outside, linked or not" do
      linked = deleted(salesforce_contact_id: ann["Id"], email: "x@b.edu")
      gone = deleted(salesforce_contact_id: salesforce_id("003"))
      unlinked = deleted(email: "bob@b.edu")
      user = create_user(email: "cy@b.edu")
      salesforce_has ann, bob, contact("cy@b.edu")
      plan = people_sync { unmatched set: { faculty_status: 6 } }.plan
      expect(plan.changes.map(&:key)).to eq([user.id])
      expect(plan.ledger[:users].rows).to eq(1)
      expect(could_suffer_of(plan)).to include(unlink: 0, effects: 1)
      expect { plan.apply }.not_to(change { [linked, gone, unlinked].map { |one| one.reload.attributes } })
    end

    it "is about those who are in each of several scopes" do
      users = [create_user(email: "ann@b.edu"), create_user(email: "bob@b.edu", state: "robot"),
               deleted(email: "cy@b.edu")]
      salesforce_has ann, bob, contact("cy@b.edu")
      expect(people_sync(scope: %i[not_deleted real]).plan.changes.map(&:key)).to eq([users[0].id])
    end

    it "counts the addresses of who is outside for nothing" do
      deleted(email: "ann@b.edu")
      user = create_user(email: "ann@b.edu", verified: false, is_school_issued: true)
      salesforce_has ann
      sync = people_sync
      expect(sync.plan.changes.map(&:key)).to eq([user.id])
      expect(sync.call.applied.map(&:key)).to eq([user.id])
    end

    it "counts the same in the database for a plan from a file" do
      linked = [create_user(salesforce_contact_id: ann["Id"], faculty_status: 2),
                deleted(salesforce_contact_id: bob["Id"], faculty_status: 2)]
      salesforce_has ann, bob
      sync = people_sync { attribute :last_name, from: "LastName" }
      counts = each_budget(CrmSync::Contacts::Populations.new(sync.planner.instance_variable_get(:@schema)))
      expect(counts).to eq(could_suffer_of(sync.plan))
      expect(counts).to include(unlink: linked.size - 1)
    end

    ways.each do |way|
      it "takes a contact that only users outside store for free, with #{way}" do
        outside = deleted(salesforce_contact_id: ann["Id"].first(15))
        user = create_user(email: "ann@b.edu")
        salesforce_has ann
        run = people_sync { write way }.call
        expect(run).to have_attributes(issues: [], stale: {}, applied: [have_attributes(key: user.id)])
        expect(outside.reload.salesforce_contact_id).to eq(ann["Id"].first(15))
      end

      it "finds who left the scope meanwhile stale, whatever the change, with #{way}" do
        gone = contact("gone@b.edu")
        users = [create_user(email: "ann@b.edu"), create_user(salesforce_contact_id: bob["Id"]),
                 create_user(salesforce_contact_id: gone["Id"]), create_user, create_user(email: "dee@b.edu")]
        salesforce_has ann, bob, gone.merge("IsDeleted" => true), contact("dee@b.edu")
        sync = people_sync do
          unmatched set: { faculty_status: 6 }
          write way
        end
        plan = sync.plan
        expect(plan.changes.map(&:action)).to eq(%i[link update unlink sweep link])
        users.first(4).each { |user| user.update_columns(is_test: true) }
        before = users.first(4).map(&:attributes)
        run = plan.apply(allow: { contacts: 0 })
        expect(run.stale.transform_keys(&:key))
          .to eq(users.first(4).to_h { |user| [user.id, "it is no longer in the scope not_deleted"] })
        expect([run.applied.map(&:key), users.first(4).map { |user| user.reload.attributes }])
          .to eq([[users[4].id], before])
      end

      it "does not undo what was done to who has left the scope, with #{way}" do
        user = create_user(email: "ann@b.edu")
        salesforce_has ann
        run = people_sync(scope: %i[not_deleted real]) { write way }.call
        user.update_columns(is_test: true)
        expect(run.undo!.stale.values).to match([/\Ait is no longer in the scopes not_deleted and real, /])
        expect(user.reload.salesforce_contact_id).to eq(ann["Id"])
      end

      it "still holds for a row that only the default scope hides, with #{way}" do
        person { default_scope { where.not(first_name: "hidden") } }
        hidden = create_user(first_name: "hidden", salesforce_contact_id: ann["Id"])
        create_user(first_name: "Ann", email: "ann@b.edu")
        salesforce_has ann
        sync = people_sync { write way }
        expect(sync.call.issues.map(&:kind)).to eq([:hidden_holder])
        hidden.update_columns(is_test: true)
        expect(sync.call).to have_attributes(issues: [], applied: [have_attributes(action: :link)])
      end

      it "still holds for a sibling, with #{way}" do
        person do
          self.inheritance_column = "last_name"
          self.store_full_sti_class = false
        end
        %w[Teacher Student].each { |name| stub_const(name, Class.new(Person)) }
        student = create_user(last_name: "Student", salesforce_contact_id: ann["Id"])
        create_user(last_name: "Teacher", email: "ann@b.edu")
        salesforce_has ann
        sync = people_sync do
          write way
          declaration.instance_variable_set(:@model_name, "Teacher")
        end
        expect(sync.call.issues.map(&:kind)).to eq([:hidden_holder])
        student.update_columns(is_test: true)
        expect(sync.call).to have_attributes(issues: [], applied: [have_attributes(action: :link)])
      end
    end

    it "withdraws a write-back of who has left the scope" do
      user = create_user(email: "ann@b.edu")
      3.times { create_user(email: "x@b.edu") }
      salesforce_has ann
      sync = people_sync { write_back "Fax", with: :uuid, on: :link }
      User.transaction { sync.call } # in which nothing goes out
      user.update_columns(is_test: true)
      run = sync.call
      expect(run.issues.map(&:kind)).to eq([:withdrawn])
      expect(salesforce.records("Contact").map { |row| row["Fax"] }).to eq([nil])
    end

    it "explains of who is outside that this is so" do
      user = deleted(salesforce_contact_id: ann["Id"], email: "bob@b.edu")
      salesforce_has ann, bob
      sync = people_sync
      [user.id, "bob@b.edu", ann["Id"]].each do |asked|
        expect(sync.explain(asked)).to match(/user #{user.id}\n.*is outside of the declared scope .not_deleted.: this/m)
      end
    end

    it "reads by need as it reads everybody" do
      stub_const("CrmSync::Contacts::Need::FEW", 1)
      stub_const("CrmSync::Contacts::Need::SHARE", 1_000)
      user = create_user(email: "ann@b.edu", verified: false, is_school_issued: true)
      deleted(email: "ann@b.edu")
      deleted(salesforce_contact_id: bob["Id"])
      create_user(email: "bob@b.edu")
      salesforce_has ann, bob
      plan = people_sync { link_when :real }.plan
      expect(plan.changes.size).to eq(2)
      expect(plan.changes.map { |one| [one.key, one.contact_id] }).to include([user.id, ann["Id"]])
      expect(plan.ledger[:users].rows).to eq(2)
    end

    it "refuses a scope that is none, with its line" do
      salesforce_has
      expect { people_sync(scope: :kept).plan }
        .to raise_error(CrmSync::MappingError, /declared_scope_spec.rb:\d+: Person has no scope :kept/)
      person { scope(:few, -> { limit(1) }) }
      expect { people_sync("FewSync", scope: %i[real few]).plan }
        .to raise_error(CrmSync::MappingError, /:\d+: the scope Person.few has a limit/)
      expect { people_sync("OddSync", scope: [7]) }
        .to raise_error(CrmSync::MappingError, /:\d+: scope: names a scope of the model, and is given an Integer/)
    end

    context "with a unique index" do
      using_database kind, fresh: true

      after { ActiveRecord::Base.connection.remove_index(:users, name: "one_user") }

      def index(**options)
        connection = ActiveRecord::Base.connection
        connection.add_index(:users, :salesforce_contact_id, unique: true, name: "one_user", **options)
      end

      it "tells of one that does not know of the scope, and how to mend it, and refuses no run" do
        index
        create_user(email: "ann@b.edu")
        salesforce_has ann
        run = people_sync.call
        expect(run.status).to eq(:applied)
        expect(run.issues.map(&:to_s)).to match([/\Aunique_index: the unique index one_user on users.salesforce_con/])
        condition = run.issues.first.message[/where: (".*")\z/, 1]
        ActiveRecord::Base.connection.remove_index(:users, name: "one_user")
        index(where: JSON.parse(condition))
        deleted(salesforce_contact_id: ann["Id"])
        expect(people_sync("OtherSync").call.issues).to eq([])
      end

      it "tells of a partial one that has rows outside of the scope" do
        index(where: "salesforce_contact_id IS NOT NULL")
        salesforce_has ann
        sync = people_sync
        expect(sync.plan.issues).to eq([])
        deleted(salesforce_contact_id: ann["Id"])
        expect(sync.plan.issues.map(&:kind)).to eq([:unique_index])
      end

      it "takes a refusal of the index for that record's error" do
        index
        deleted(salesforce_contact_id: ann["Id"])
        user = create_user(email: "ann@b.edu")
        salesforce_has ann
        run = people_sync.call
        expect(run.errors).to match([have_attributes(key: user.id, exception: "ActiveRecord::RecordNotUnique")])
      end
    end
  end
end
