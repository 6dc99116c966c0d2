# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/moody_host"

# Covers the look at each written row, in the same transaction: a write that raises nothing may still not be stored. A
# value that the host rewrites is applied as it was stored, one that it puts back is refused, and neither is done again
# in the next run.
RSpec.describe "what stands there after a write" do
  include ContactSyncWorld
  include MoodyHost

  def audited_sync(way)
    moody_sync(way) do
      after_transition :faculty_status, to: :confirmed_faculty do |user, change|
        SecurityLog.create!(user_id: user.id, event_type: :faculty_verified,
                            event_data: [user.last_name, change.after[:last_name]])
      end
      write_back "Fax", with: :last_name, on: { faculty_status: :confirmed_faculty }
    end
  end

  def ann = @ann ||= create_user(email: "ann@b.edu", last_name: "Old")
  def bob = @bob ||= create_user(email: "bob@b.edu", last_name: "Old")

  def salesforce_says(ann:, bob: "Pending", school: "School")
    people = [self.ann, self.bob]
    @school ||= account
    @contacts ||= %w[ann bob].map { |name| contact("#{name}@b.edu", account: @school) }
    statuses = [ann, bob].first(people.size)
    records = @contacts.zip(statuses).map { |record, status| { **record, "Faculty_Verified__c" => status } }
    salesforce_has({ **@school, "Name" => school }, *records)
  end

  def faxes
    writes_to(salesforce).map { |_, fields| fields["Fax"] }
  end

  def history(user, column)
    rows = CrmSync::ChangeRow.where(record_key: user.id.to_s).order(:id).map { |row| JSON.parse(row.after) }
    rows.filter_map { |after| after[column] }
  end

  shared_examples "a host that puts back" do |deed, by|
    it "is told, and nothing follows: #{deed}" do
      moody(deed)
      salesforce_says(ann: "Confirmed")
      run = @sync.call
      expect(run.status).to eq(:applied).or eq(:partial)
      expect(run.issues.map(&:kind)).to eq([:put_back])
      expect(run.issues.first).to have_attributes(users: [ann.id], contacts: [@contacts.first["Id"]])
      expect(run.problems.join).to include("user #{ann.id} did not stay (faculty_status confirmed_faculty)", by,
                                           "MoodySync.thaw(#{ann.id})")
      expect([ann, bob].map { |user| user.reload.faculty_status }).to eq(%w[no_faculty_info pending_faculty])
      expect([ann, bob].map { |user| user.reload.salesforce_contact_id }).to eq(@contacts.map { |one| one["Id"] })
      expect([SecurityLog.count, CrmSync::OutboxRow.count, faxes]).to eq([0, 0, []])
      expect(history(ann, "faculty_status")).to eq([])

      again = @sync.call
      expect([again.status, again.issues.map(&:kind)]).to eq([:unchanged, [:put_back]])
      expect(CrmSync::ChangeRow.count).to eq(2)
    end

    it "is asked again when either side says something else, or somebody thaws it: #{deed}" do
      moody(deed)
      salesforce_says(ann: "Confirmed")
      @sync.call
      salesforce_says(ann: "Pending")
      expect(@sync.call).to have_attributes(status: :applied, issues: [])
      salesforce_says(ann: "Confirmed")
      expect(@sync.call.issues.map(&:users)).to eq([[ann.id]])
      expect(@sync.plan).to be_empty
      calm
      expect(@sync.thaw(ann.id)).to eq([:faculty_status])
      expect(@sync.call).to have_attributes(status: :applied, issues: [])
      expect([ann.reload.faculty_status, SecurityLog.count, faxes]).to eq(["confirmed_faculty", 1, ["School"]])
    end
  end

  shared_examples "a host that rewrites" do |deed|
    it "is told as it was stored, to all that follow, and has nothing more to do: #{deed}" do
      moody(deed)
      salesforce_says(ann: "Confirmed")
      run = @sync.call
      expect(run).to have_attributes(status: :applied, issues: [])
      expect(run.applied.map { |change| change.after[:last_name] }).to eq(%w[SCHOOL SCHOOL])
      expect([ann.reload.last_name, SecurityLog.last.event_data,
              faxes]).to eq(["SCHOOL", %w[SCHOOL SCHOOL], ["SCHOOL"]])
      expect(history(ann, "last_name")).to eq(["SCHOOL"])
      expect(@sync.call).to have_attributes(status: :unchanged, issues: [])
      expect(CrmSync::ChangeRow.count).to eq(2)
    end

    it "is written again when either side says something else, and stays undone when it was: #{deed}" do
      moody(deed)
      salesforce_says(ann: "Confirmed")
      run = @sync.call
      salesforce_says(ann: "Confirmed", school: "Other")
      expect(@sync.call.applied.map(&:key)).to eq([ann.id, bob.id])
      ann.update_columns(last_name: "by hand")
      expect(@sync.call.applied.map(&:key)).to eq([ann.id])
      expect(ann.reload.last_name).to eq("OTHER")
      salesforce_says(ann: "Confirmed")
      undone = @sync.call
      expect(undone.undo!.applied.size).to eq(2)
      expect(ann.reload.last_name).to eq("OTHER")
      expect(@sync.plan.issues.map(&:kind)).to eq([:undone])
      expect(run.id).not_to eq(undone.id)
    end
  end

  ways = { sqlite: %i[records], postgresql: %i[records set_based] }
  on_each_database do |kind|
    ways.fetch(kind).each do |way|
      describe "write #{way.inspect}" do
        before { @sync = audited_sync(way) }

        deeds = { trigger_puts_back: "users" }
        deeds.merge!(callback_puts_back: "MoodyUser", callback_writes_again: "users") if way == :records
        deeds.each { |deed, by| it_behaves_like "a host that puts back", deed, by }

        it_behaves_like "a host that rewrites", :trigger_rewrites
        it_behaves_like "a host that rewrites", :callback_rewrites if way == :records

        it "takes a row that is dropped for nothing of it written, until something of it is another" do
          moody(:trigger_drops)
          salesforce_says(ann: "Confirmed")
          run = @sync.call
          expect([run.status, run.put_back.map(&:key), run.applied.map(&:key)]).to eq([:partial, [ann.id], [bob.id]])
          expect(run.issues.map(&:users)).to eq([[ann.id]])
          expect([SecurityLog.count, CrmSync::OutboxRow.count, CrmSync::ChangeRow.count]).to eq([0, 0, 1])
          expect(@sync.call).to have_attributes(status: :unchanged, issues: [have_attributes(users: [ann.id])])
          salesforce_says(ann: "Pending")
          expect(@sync.call).to have_attributes(status: :applied, issues: [])
          expect(ann.reload).to have_attributes(faculty_status: "pending_faculty", last_name: "School")
        end

        it "links nobody where the contact is put back, nor does anything else of it" do
          moody(way == :records ? :callback_keeps_link : :trigger_keeps_link)
          salesforce_says(ann: "Confirmed")
          run = @sync.call
          expect([run.status, run.put_back.map(&:key), run.applied]).to eq([:partial, [ann.id, bob.id], []])
          expect(run.ledger[:changes].buckets).to include(put_back: 2, applied: 0)
          expect([ann, bob].map { |user| user.reload.slice(:salesforce_contact_id, :faculty_status) }.uniq)
            .to eq([{ "salesforce_contact_id" => nil, "faculty_status" => "no_faculty_info" }])
          expect(@sync.plan.ledger[:users].buckets).to include(put_back: 2)
          expect([SecurityLog.count, CrmSync::OutboxRow.count, CrmSync::ChangeRow.count]).to eq([0, 0, 0])
          expect(@sync.call.status).to eq(:unchanged)
          expect(@sync.explain(ann.id)).to include("put_back: what was written to user #{ann.id} did not")
        end
      end
    end

    it "is no error of each run where the model counts versions, and a trigger drops the row" do
      User.connection.add_column :users, :lock_version, :integer
      User.reset_column_information
      sync = audited_sync(:records)
      moody(:trigger_drops)
      salesforce_says(ann: "Confirmed")
      expect([sync.call, sync.call].map { |run| [run.status, run.errors] }).to eq([[:partial, []], [:unchanged, []]])
      expect(sync.plan.issues.map(&:users)).to eq([[ann.id]])
    ensure
      calm
      User.connection.remove_column :users, :lock_version
      User.reset_column_information
    end

    it "does not undo what the host puts back, and says so" do
      sync = audited_sync(:records)
      salesforce_says(ann: "Pending")
      run = sync.call
      moody(:callback_keeps_link)
      undone = run.undo!
      expect([undone.status, undone.applied]).to eq([:partial, []])
      expect(undone.errors.map(&:message)).to all(eq("the host's own model or database put salesforce_contact_id back"))
      expect(ann.reload).to have_attributes(faculty_status: "pending_faculty", salesforce_contact_id: String)
    end

    it "works where the migration has not been run" do
      sync = audited_sync(:records)
      sync.declaration.write_backs.clear
      moody(:callback_puts_back)
      salesforce_says(ann: "Confirmed")
      allow(CrmSync::State).to receive(:for) { |*names| CrmSync::State::Folder.new(names.first, scratch) }
      allow(CrmSync::SyncHistory).to receive(:installed?).and_return(false)
      CrmSync.configuration.state_dir = File.join(scratch, "state")
      expect([sync.call, sync.call].map(&:status)).to eq(%i[applied unchanged])
      expect(sync.thaw(ann.id)).to eq([:faculty_status])
      expect(sync.plan.changes.map(&:key)).to eq([ann.id])
    ensure
      CrmSync.configuration.state_dir = nil
    end
  end
end
