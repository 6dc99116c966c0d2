# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers callbacks of the host on a record that is saved, by a run or by its undo.
RSpec.describe "write :records" do
  include ContactSyncWorld

  using_database :sqlite

  # A sync of a model of the host's that has a callback.
  def moody_sync(callback, deed)
    stub_const("Moody", Class.new(User))
    Moody.has_many :contact_infos, foreign_key: :user_id
    Moody.public_send(callback, deed)
    stub_const("MoodySync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Moody", foreign_key: :salesforce_contact_id
      sync.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
      sync.attribute :faculty_status, from: "Faculty_Verified__c",
                                      map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
      sync.after_transition :faculty_status, to: :confirmed_faculty do |user, change|
        SecurityLog.create!(user_id: user.id, event_type: :faculty_verified, event_data: change.audit)
      end
    end
  end

  def teachers
    salesforce_has(*%w[ann bob].map { |name| contact("#{name}@b.edu", faculty: "Confirmed") })
    %w[ann bob].map { |name| create_user(email: "#{name}@b.edu", first_name: name) }
  end

  def linked
    User.where.not(salesforce_contact_id: nil).ids
  end

  def past_changes(run)
    CrmSync::ChangeRow.where(run_id: run.id).count
  end

  context "with code of the host's that changes the values that it is given" do
    # A sync of last names, which are the same for both teachers.
    def names_sync(callback = :after_save, deed = -> {}, &)
      moody_sync(callback, deed).tap do |sync|
        sync.attribute :last_name, from: "LastName"
        sync.class_exec(&) if block_given?
        org = %w[ann bob].map { |name| contact("#{name}@b.edu", "LastName" => "Doe") }
        salesforce_has(*org)
        %w[ann bob].each { |name| create_user(email: "#{name}@b.edu") }
      end
    end

    def names = User.pluck(:last_name)

    it "gives each setter a value of its own" do
      sync = names_sync
      Moody.define_method(:last_name=) { |name| super(name.replace(name.upcase)) }
      plan = sync.plan
      expect([plan.apply.applied.size, names]).to eq([2, %w[DOE DOE]])
      expect(plan.changes.map { |change| change.after[:last_name] }).to eq(%w[Doe Doe])
    end

    it "gives no hook what others are yet to be given" do
      run = names_sync { after_link { |_, change| change.after[:last_name] << "!" } }.call
      expect([run.errors.map(&:exception), names]).to eq([%w[FrozenError] * 2, [nil, nil]])
    end
  end

  context "with a callback that fails after the commit" do
    it "does not take for unwritten what was written" do
      users = teachers
      run = moody_sync(:after_commit, -> { raise "too late" if first_name == "ann" }).call
      expect(run.applied.map(&:key)).to eq(users.map(&:id))
      expect(run.errors.map(&:to_a)).to eq([[nil, "RuntimeError", "too late"]])
      expect([linked, past_changes(run), run.status]).to eq([users.map(&:id), 2, :partial])
      expect(run.ledger[:changes].buckets).to include(applied: 2, stale: 0, failed: 0)
    end

    it "does not take for undone what was undone" do
      users = teachers
      late = false
      run = moody_sync(:after_commit, -> { raise "too late" if late && first_name == "ann" }).call
      late = true
      undone = run.undo!
      expect(undone.applied.map(&:key)).to eq(users.map(&:id))
      expect(undone.errors.map(&:to_a)).to eq([[nil, "RuntimeError", "too late"]])
      expect([linked, past_changes(undone), undone.status]).to eq([[], 2, :partial])
    end
  end

  context "with a callback that rolls back" do
    let(:rolled_back) { "ActiveRecord::RecordNotSaved" }

    it "is an error of that record, and nothing follows what was not written" do
      ann, bob = teachers
      run = moody_sync(:before_save, -> { raise ActiveRecord::Rollback if first_name == "ann" }).call
      expect(run.errors.map(&:to_a)).to eq([[ann.id, rolled_back, "a callback rolled it back"]])
      expect([run.applied.map(&:key), linked]).to eq([[bob.id], [bob.id]])
      expect([SecurityLog.pluck(:user_id), past_changes(run)]).to eq([[bob.id], 1])
    end

    it "is an error of that record when it is undone" do
      ann, = teachers
      strict = false
      run = moody_sync(:after_save, -> { raise ActiveRecord::Rollback if strict && first_name == "ann" }).call
      strict = true
      undone = run.undo!
      expect(undone.errors.map(&:to_a)).to eq([[ann.id, rolled_back, "a callback rolled it back"]])
      expect([linked, past_changes(undone)]).to eq([[ann.id], 1])
    end
  end
end
