# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require_relative "../support/partner_world"

# Somebody applies a plan that has been applied: everything is as it was to be, and that is no trouble.
RSpec.describe "A plan that is applied again" do
  %i[records set_based].each do |way|
    context "with write #{way.inspect}" do
      include ContactSyncWorld

      using_database :postgresql

      it "finds everything done, and succeeds" do
        ann = contact("ann@b.edu", faculty: "Confirmed")
        create_user(email: "ann@b.edu")
        salesforce_has(ann)
        followed = []
        plan = sync_that do
          write way
          attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
          after_transition(:faculty_status, to: :confirmed_faculty) { |user| followed << user.id }
        end.plan
        expect(plan.apply.status).to eq(:applied)
        run = plan.apply
        expect(run).to have_attributes(status: :unchanged, stale: {}, done_already: plan.changes, problems: [])
        expect(run.to_s).to start_with("unchanged: nothing to do, 1 done already, in")
        expect(run.summary).to include(done_already: 1, applied: {}, stale: 0)
        expect(run.ledger[:changes]).to be_balanced
        expect(followed.size).to eq(1)
      end

      it "tells still of what is otherwise" do
        anna, bob = %w[ann@b.edu bob@b.edu].map { |email| create_user(email:) }
        salesforce_has(contact("ann@b.edu"), contact("bob@b.edu"))
        plan = sync_that { write way }.plan
        plan.apply
        bob.update_columns(salesforce_contact_id: nil)
        bob.contact_infos.update_all(value: "other@b.edu")
        run = plan.apply
        expect(run.status).to eq(:partial)
        expect([run.done_already.map(&:key), run.stale.keys.map(&:key)]).to eq([[anna.id], [bob.id]])
      end
    end
  end

  context "with organizations" do
    include PartnerWorld

    it "finds everything done, and succeeds" do
      partners([account(1), account(2)], [organization(1, account_owner: "x"), organization(3)])
      file = File.join(scratch, "sync.plan")
      PartnerSync.plan.tap { |plan| plan.save(file) }.apply
      before = writes.size
      run = CrmSync::Plan.load(file).apply
      expect(run).to have_attributes(status: :unchanged, stale: {}, problems: [])
      expect(run.done_already.map(&:action)).to match_array(%i[create update mark])
      expect(run.to_s).to start_with("unchanged: nothing to do, 3 done already")
      expect(writes.size).to eq(before)
    end
  end
end
