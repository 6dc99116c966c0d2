# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Rule 3: a contact that was merged into another is followed to its winner, whatever the addresses say.
RSpec.describe UpdateUserSalesforceInfo do
  include ContactSyncWorld

  # A contact that was merged into another: deleted, and it names its winner.
  def merged(contact, into:)
    contact.merge("IsDeleted" => true, "MasterRecordId" => into["Id"])
  end

  def link_of(user)
    user.reload.salesforce_contact_id
  end

  on_each_database do
    let(:loser) { contact("old@b.edu") }
    let(:winner) { contact("new@b.edu", faculty: "Confirmed") }

    it "follows a merged contact to its winner, in one change that says why" do
      user = linked_user(loser)
      salesforce_has winner, merged(loser, into: winner)
      run = sync
      expect(actions(run.applied)).to eq(user => :relink)
      expect(run.applied.first.reason).to eq("contact #{loser["Id"]} was merged into contact #{winner["Id"]}")
      expect(user.reload).to have_attributes(salesforce_contact_id: winner["Id"], faculty_status: "confirmed_faculty")
      expect(run.ledger[:users].notes).to include(followed_merges: 1)
      expect(sync.status).to eq(:unchanged)
    end

    it "follows a chain of merges to its end" do
      between = contact("between@b.edu")
      user = linked_user(loser)
      salesforce_has winner, merged(between, into: winner), merged(loser, into: between)
      sync
      expect(link_of(user)).to eq(winner["Id"])
    end
  end

  describe "on one database" do
    using_database :sqlite

    let(:loser) { contact("old@b.edu") }
    let(:winner) { contact("new@b.edu") }

    it "unlinks where merges lead in a circle, to a contact that is gone too, or nowhere" do
      other = contact("other@b.edu")
      deleted = contact("deleted@b.edu").merge("IsDeleted" => true)
      users = [loser, other, deleted].map { |contact| linked_user(contact) }
      salesforce_has winner, merged(loser, into: other), merged(other, into: loser), deleted
      run = sync
      expect(run.applied.map(&:action)).to eq(%i[unlink unlink unlink])
      expect(users.map { |user| link_of(user) }).to eq([nil, nil, nil])
    end

    it "follows the merge and not the address, and asks nobody whether the user may be linked" do
      user = linked_user(loser, email: "elsewhere@b.edu", state: "unverified")
      salesforce_has winner, contact("elsewhere@b.edu"), merged(loser, into: winner)
      sync
      expect(link_of(user)).to eq(winner["Id"])
    end

    it "follows a merge also where the winner's address is contested: the user stays who it was" do
      user = linked_user(loser)
      salesforce_has winner, contact("new@b.edu"), merged(loser, into: winner)
      expect(sync.applied.map(&:action)).to eq([:relink])
      expect(link_of(user)).to eq(winner["Id"])
    end

    it "comes after who is linked to the winner already, and before who would be relinked or linked" do
      gone = contact("new@b.edu")
      linked = linked_user(winner)
      follower = linked_user(loser)
      salesforce_has winner, merged(loser, into: winner)
      expect(sync.issues.map(&:kind)).to include(:held_user)
      expect([link_of(linked), link_of(follower)]).to eq([winner["Id"], loser["Id"]])
      linked.destroy!
      hopeful = linked_user(gone, email: "new@b.edu")
      sync
      expect([link_of(follower), link_of(hopeful)]).to eq([winner["Id"], gone["Id"]])
    end

    it "asks only for what is absent, and for nothing where nobody misses a contact" do
      linked_user(loser)
      salesforce_has winner, merged(loser, into: winner)
      sync
      asked = [loser, winner].map { |contact| /IsDeleted, MasterRecordId .*Id IN \('#{contact["Id"]}'\)/ }
      expect(queries.grep(/MasterRecordId/)).to match(asked)
      sync
      expect(queries.grep(/MasterRecordId/).size).to eq(2)
    end

    it "is not to be had for a contact that came to be another's between plan and apply" do
      user = linked_user(loser)
      salesforce_has winner, merged(loser, into: winner)
      plan = described_class.plan
      linked_user(winner)
      expect(plan.apply.stale.values).to eq(["the contact is another's by now"])
      expect(link_of(user)).to eq(loser["Id"])
    end

    it "is told by explain" do
      user = linked_user(loser)
      salesforce_has winner, merged(loser, into: winner)
      expect(described_class.explain(user)).to include("rule 3: the contact was merged into contact #{winner["Id"]}")
    end

    it "counts nothing as gone when the question for merges fails" do
      user = linked_user(loser)
      error = { error: { status: 500, code: "UNKNOWN_EXCEPTION", message: "no" } }
      # The first query on contacts is the read itself.
      salesforce_has winner, merged(loser, into: winner),
                     faults: [{ on: :query, object: "Contact", skip: 1, answer: error }]
      expect { sync }.to raise_error(CrmSync::RemoteError, /the query on Contact/)
      expect(link_of(user)).to eq(loser["Id"])
    end
  end
end
