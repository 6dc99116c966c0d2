# frozen_string_literal: true

require "rails_helper"
require_relative "../support/contact_sync_world"

# A call for one user sends its write-backs beside runs; no two send at once.
RSpec.describe "the sending of write-backs" do
  include ContactSyncWorld

  let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }
  let(:bob) { contact("bob@b.edu", faculty: "Confirmed") }

  # Starts a child that does this, and waits until Salesforce has got a write from it, or what the block looks for.
  def in_child(code)
    folder = Dir.mktmpdir(nil, scratch)
    own = { "CRM_SYNC_STATE_DIR" => File.join(folder, "state"), "DUMMY_FOLDER" => folder }
    child = start_rails_runner(code, env: { **pointing_at(salesforce), **own })
    eventually { block_given? ? yield : written.any? }
    child
  end

  def call_for(user) = "puts UpdateUserSalesforceInfo.call(only: User.find(#{user.id}))"

  # The contacts for which Salesforce was asked to write something.
  def written = writes_to(salesforce).map(&:first)

  def waiting = CrmSync::OutboxRow.order(:id).pluck(:record_id)

  # The first answer to a write comes when the client has waited for a second or so.
  slow = [{ on: :update, times: 1, answer: { slow_body_ms: 40 } }]
  hanging = [{ on: :update, times: 1, answer: :hang }]

  on_each_database do |kind|
    let!(:users) { %w[ann bob].map { |name| create_user(email: "#{name}@b.edu") } }

    it "does not keep out a run that begins while a call for one user sends, and no row is sent twice" do
      salesforce_has ann, bob, faults: slow
      child = in_child(call_for(users.first))
      run = sync
      expect(run).to have_attributes(status: :applied, problems: [])
      expect(actions(run.applied)).to eq(users[1] => :link)
      expect(child.wait).to be_success
      expect(child.stdout).to match(/^applied: 1 link/)
      expect([written, waiting]).to eq([[ann, bob].map { |one| one["Id"] }, []])
    end

    it "is left to the next run where it takes long, and the run says so" do
      stub_const("CrmSync::SendingTurn::RUN_WAIT", 0.2)
      salesforce_has ann, bob, faults: hanging
      child = in_child(call_for(users.first))
      run = sync
      expect([run.status, run.applied.map(&:key)]).to eq([:partial, [users[1].id]])
      expect(run.problems).to match([/\Awrite-backs wait for the next run: .* \(process #{child.pid} on .*Locked\)\z/])
      expect([written, waiting]).to eq([[ann["Id"]], [ann, bob].map { |one| one["Id"] }])
      child.kill
      expect(sync).to have_attributes(status: :unchanged, problems: [])
      expect([written.drop(1), waiting]).to eq([[ann, bob].map { |one| one["Id"] }, []])
    end

    it "is free at once when a call for one user is killed, and a run that waits for it sends all" do
      salesforce_has ann, bob, faults: hanging
      child = in_child(call_for(users.first))
      running = job { sync }
      eventually { linked.count == 2 }
      expect(written).to eq([ann["Id"]])
      child.kill
      expect(running.value).to have_attributes(status: :applied, problems: [])
      expect([written.drop(1), waiting]).to eq([[ann, bob].map { |one| one["Id"] }, []])
    end

    it "is done at once by a call for one user while a run is reading" do
      salesforce_has ann, bob, faults: [{ on: :query, object: "Contact", times: 1, answer: :hang }]
      child = in_child("UpdateUserSalesforceInfo.call") { queries("Contact").any? }
      expect(sync(only: users.first).status).to eq(:applied)
      expect([written, waiting]).to eq([[ann["Id"]], []])
      child.kill
    end

    it "is left to the next run by a call for one user while a run sends, and the log says so" do
      salesforce_has ann, faults: hanging
      child = in_child("UpdateUserSalesforceInfo.call")
      salesforce_has ann, bob
      run = nil
      lines = logged { run = sync(only: users[1]) }
      expect(run).to have_attributes(status: :applied, problems: [])
      expect(lines).to match(/INFO.*: write-backs wait for the next run: .* \(process #{child.pid} on /)
      expect([written, waiting]).to eq([[ann["Id"]], [ann, bob].map { |one| one["Id"] }])
      child.kill
    end

    it "is waited for shortly by another call for one user" do
      salesforce_has ann, bob, latency_ms: 300
      child = in_child(call_for(users.first))
      expect(sync(only: users[1]).status).to eq(:applied)
      expect(child.wait).to be_success
      expect([written, waiting]).to eq([[ann, bob].map { |one| one["Id"] }, []])
    end

    it "takes no lock where nothing is to be sent" do
      salesforce_has contact("ann@b.edu")
      CrmSync::Lock.for_sending("UpdateUserSalesforceInfo", User).hold(held: ->(_) { raise "held" }) do
        expect(job { sync(only: users.first) }.value.status).to eq(:applied)
        expect(job { sync }.value).to have_attributes(status: :unchanged, problems: [])
      end
    end

    next unless kind == :postgresql

    it "ends when its lock is lost, before the next batch" do
      stub_const("CrmSync::Outbox::BATCH", 1)
      salesforce_has ann, bob
      sync = sync_that do
        write :records, batch: 1
        attribute :faculty_status, from: "Faculty_Verified__c", map: { "Confirmed" => :confirmed_faculty }
        write_back "Fax", with: :uuid, on: { faculty_status: :confirmed_faculty }
      end
      asked = 0
      User.define_method(:uuid) { super().tap { User.connection.reconnect! if (asked += 1) == 3 } }
      expect { sync.call }.to raise_error(CrmSync::Locked, /has lost its lock/)
    ensure
      User.remove_method(:uuid) if User.method_defined?(:uuid, false)
    end
  end
end
