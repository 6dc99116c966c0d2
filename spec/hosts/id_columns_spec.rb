# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Tries the columns in which a host can have the ids of contacts.
RSpec.describe "a host's column of contact ids" do
  include HostWorld

  let(:contacts) { %w[ann@b.edu bob@b.edu].map { |email| contact(email) } }

  def hiding_people
    people_models
    Person.class_eval { default_scope { where(gone: false) } }
  end

  # A row that the model does not show has the contact that Ann would get.
  def hide(id)
    @hidden = Person.unscoped.create!(contact: id, gone: true)
    @users = %w[ann@b.edu bob@b.edu].map { |email| person(email) }
    salesforce_has(*contacts)
  end

  def expect_held
    run = person_sync.call
    expect(run).to have_attributes(errors: [], stale: {}, applied: [have_attributes(key: @users[1].id)])
    expect(run.issues.map { |issue| [issue.kind, issue.users] }).to eq([[:hidden_holder, [@users[0].id, @hidden.id]]])
  end

  on_host_postgresql do
    it "may pad an id of 15 characters with blanks" do
      people_table { |t| t.boolean(:gone, default: false) }
      tables.execute("ALTER TABLE people ALTER contact TYPE char(18)")
      hiding_people
      hide(contacts[0]["Id"].first(15))
      expect_held
    end

    it "may pad the id of a user who is synced alone" do
      people_table { |t| t.string(:level) }
      tables.execute("ALTER TABLE people ALTER contact TYPE char(18)")
      people_models
      contacts[0]["Level__c"] = "gold"
      salesforce_has(*contacts)
      ann = person("bob@b.edu", contact: contacts[0]["Id"].first(15))
      sync = person_sync { attribute :level, from: "Level__c" }
      expect(sync.plan(only: ann).changes.map(&:to_h)).to match([include(action: :update, after: { level: "gold" })])
      expect(sync.explain(ann)).to include("rule 3: follows contact #{contacts[0]["Id"]}")
    end

    it "may not mind letter case, as a unique index on it would not" do
      tables.enable_extension("citext")
      people_table(contact: :citext) { |t| t.boolean(:gone, default: false) }
      hiding_people
      hide(contacts[0]["Id"].swapcase)
      expect_held
    end
  end

  context "on SQLite" do
    using_database :sqlite, fresh: true

    it "may not mind letter case, as a unique index on it would not" do
      people_table(contact: :none) do |t|
        t.string(:contact, collation: "NOCASE")
        t.boolean(:gone, default: false)
      end
      hiding_people
      hide(contacts[0]["Id"].swapcase)
      expect_held
    end
  end
end
