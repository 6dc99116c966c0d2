# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Rows of the synced table that the model does not see, and that have contacts all the same.
RSpec.describe "a host whose model hides rows" do
  include ContactSyncWorld

  let(:ann) { contact("ann@b.edu") }

  def person(&)
    stub_const("Person", Class.new(ApplicationRecord) { self.table_name = "users" })
    Person.has_many(:contact_infos, foreign_key: :user_id)
    Person.class_exec(&)
  end

  def soft_deletion
    person { default_scope { where(is_test: nil) } }
  end

  def people_sync(&more)
    stub_const("PeopleSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :salesforce_contact_id
      sync.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
      sync.class_exec(&more) if more
    end
  end

  on_each_database do |kind|
    ways = kind == :postgresql ? %i[records set_based] : %i[records]

    ways.each do |way|
      it "holds who would get the contact of a row that was deleted softly, and names both, with #{way}" do
        soft_deletion
        hidden = create_user(is_test: true, salesforce_contact_id: ann["Id"].first(15))
        users = Array.new(2) { |n| create_user(email: "#{%w[ann bob][n]}@b.edu") }
        bob = contact("bob@b.edu")
        salesforce_has ann, bob
        sync = people_sync { write way }
        run = sync.call
        expect(run).to have_attributes(status: :applied, applied: [have_attributes(key: users[1].id)], errors: [])
        expect(run.issues.map(&:to_s))
          .to match([/\Ahidden_holder: contact #{ann["Id"]} is that of user #{hidden.id}, .* user #{users[0].id} do/])
        expect(run.ledger[:users].buckets).to include(held: 1, link: 1)
        expect(run.ledger[:contacts].buckets).to include(held: 1, matched: 1)
        expect(sync.explain(users[0].id)).to match(/held: contact .* is that of user #{hidden.id}/)
        hidden.update!(salesforce_contact_id: nil)
        expect(sync.call.applied.map(&:key)).to eq([users[0].id])
      end

      it "looks for hidden rows again under the lock, with #{way}" do
        soft_deletion
        hidden = create_user(is_test: true)
        create_user(email: "ann@b.edu")
        salesforce_has ann
        plan = people_sync { write way }.plan
        hidden.update!(salesforce_contact_id: ann["Id"])
        expect(plan.apply.stale.values).to eq(["the contact is another's by now"])
      end

      it "lets them share the contact where that is declared, with #{way}" do
        soft_deletion
        create_user(is_test: true, salesforce_contact_id: ann["Id"])
        user = create_user(email: "ann@b.edu")
        salesforce_has ann
        sync = people_sync do
          shared_contact :link
          write way
        end
        expect(sync.call.applied.map(&:key)).to eq([user.id])
      end
    end

    it "holds who would get the contact of a sibling" do
      person do
        self.inheritance_column = "last_name"
        self.store_full_sti_class = false
      end
      stub_const("Teacher", Class.new(Person))
      stub_const("Student", Class.new(Person))
      create_user(last_name: "Student", salesforce_contact_id: ann["Id"])
      create_user(last_name: "Teacher", email: "ann@b.edu")
      salesforce_has ann
      sync = Class.new(people_sync) { model "Teacher", foreign_key: :salesforce_contact_id }
      stub_const("TeacherSync", sync)
      expect(sync.call).to have_attributes(status: :unchanged, issues: [have_attributes(kind: :hidden_holder)])
    end

    context "with a unique index" do
      using_database kind, fresh: true

      before(:context) do
        ActiveRecord::Base.connection.add_index(:users, :salesforce_contact_id, unique: true, name: "one_user")
      end

      ways.each do |way|
        it "takes what the index refuses for that record's error, and goes on, with #{way}" do
          soft_deletion
          create_user(is_test: true, salesforce_contact_id: ann["Id"])
          users = Array.new(2) { |n| create_user(email: "#{%w[ann bob][n]}@b.edu") }
          salesforce_has ann, contact("bob@b.edu")
          sync = people_sync do
            shared_contact :link
            write way
          end
          run = sync.call
          expect(run.errors).to match([have_attributes(key: users[0].id, exception: "ActiveRecord::RecordNotUnique")])
          expect(run.applied.map(&:key)).to eq([users[1].id])
          expect(run).to be_succeeded
        end
      end
    end
  end
end
