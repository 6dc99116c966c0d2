# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require_relative "../support/partner_world"

# A run remembers what it has read as the last thing. One that has lost its lock by then does not: another one may have
# read something newer.
RSpec.describe CrmSync::Internal::Writer do
  # Loses the lock of a sync when its last look at what was written is over.
  def lose_the_lock_of(sync, after:)
    lock = sync.planner.lock
    allow(CrmSync::Lock).to receive(:for).and_return(lock)
    looking, way = after
    allow_any_instance_of(looking).to receive(way).and_wrap_original do |original, *facts|
      original.call(*facts).tap { allow(lock).to receive(:check).and_raise(CrmSync::Lock::Lost) }
    end
  end

  context "with contacts" do
    include ContactSyncWorld

    using_database :sqlite

    it "remembers nothing when the lock is lost after the last write" do
      ann = create_user(email: "ann@b.edu")
      salesforce_has contact("ann@b.edu")
      sync = sync_that { write :records }
      lose_the_lock_of(sync, after: [CrmSync::Contacts::Done, :among])
      expect { sync.call }.to raise_error(CrmSync::Locked, /has lost its lock/)
      expect([ann.reload.salesforce_contact_id, sync.plan.first_run?]).to match([/\A003/, true])
    end
  end

  context "with organizations" do
    include PartnerWorld

    it "remembers nothing when the lock is lost after the last write" do
      partners([account(1)], [])
      lose_the_lock_of(PartnerSync, after: [CrmSync::Organizations::LookBack, :correct])
      expect { PartnerSync.call }.to raise_error(CrmSync::Locked, /has lost its lock/)
      expect([by_account.keys, PartnerSync.plan.first_run?]).to eq([[account_id(1)], true])
    end
  end
end
