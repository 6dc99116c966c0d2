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

  it "can be allowed budgets and sources, which the declaration names" do
    expect(PartnerSync.declaration.allowed_names).to eq(%i[mark clear accounts organizations linked])
    own = Class.new(UpdateUserSalesforceInfo) { budget :confirm, faculty_status: :confirmed_faculty }
    expect(own.declaration.allowed_names.last(5)).to eq(%i[confirm contacts leads users linked])
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

    it "refuses a name that is neither a budget nor a source" do
      partners([account(1)], [])
      expect { PartnerSync.plan.apply(allow: { unlink: 1 }) }
        .to raise_error(ArgumentError, "allow: there is no :unlink; there are " \
                                       "[:mark, :clear, :accounts, :organizations, :linked]")
      expect(writes).to eq([])
    end

    {
      { "mark" => 1 } => /allow: there is no "mark"; did you mean :mark\?/,
      { marc: 1 } => /allow: there is no :marc; did you mean :mark\?/,
      { mark: "20" } => /allow: takes whole numbers, such as allow: { mark: 20 }/,
      { mark: true } => /allow: takes whole numbers/, { mark: -1 } => /allow: takes whole numbers/,
      :mark => /allow: is a Symbol; write it as allow: { mark: 20 }/, nil => /allow: is nil; write it as/
    }.each do |allow, message|
      it "refuses #{allow.inspect}" do
        partners([account(1)], [])
        expect { PartnerSync.plan.apply(allow:) }.to raise_error(ArgumentError, message)
        expect(writes).to eq([])
      end
    end

    it "remembers nothing when the lock is lost after the last write" do
      partners([account(1)], [])
      lose_the_lock_of(PartnerSync, after: [CrmSync::Organizations::LookBack, :correct])
      expect { PartnerSync.call }.to raise_error(CrmSync::Locked, /has lost its lock/)
      expect([by_account.keys, PartnerSync.plan.first_run?]).to eq([[account_id(1)], true])
    end
  end
end
