# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"

# Blocks that run with a link, an unlink, or any change of a column.
RSpec.describe "the hooks of a change" do
  include BothWriters

  logging = proc do
    attribute :faculty_status, from: "Faculty_Verified__c",
                               map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
    contact_missing set: { faculty_status: :no_faculty_info }
    after_link do |user, change|
      SecurityLog.create!(user:, event_type: :user_contact_id_updated_from_salesforce, event_data: change.ids)
    end
    after_link on: :unlink do |user, change|
      SecurityLog.create!(user:, event_type: :faculty_verified, event_data: change.ids)
    end
    after_transition :faculty_status do |user, change|
      told = [change.before, change.after].map { |side| side[:faculty_status] }
      SecurityLog.create!(user:, event_type: :salesforce_updated_faculty_status, event_data: told)
    end
  end
  let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }

  # What was logged about a user: event and data, in the order of the events.
  def logged(user)
    SecurityLog.where(user_id: user.id).order(:id).map { |log| [log.event_type, log.event_data] }
  end

  def ids(before, after)
    { "previous_contact_id" => before, "contact_id" => after }
  end

  ways = { sqlite: [:records], postgresql: %i[records set_based] }
  ways.each do |database, writers|
    writers.each do |way|
      context "with write #{way.inspect} on #{database}" do
        using_database database

        let(:sync) do
          sync_that(&logging).tap { |sync| sync.write way }
        end

        it "run for a link with both ids, and for any change of the column" do
          user = create_user(email: "ann@b.edu")
          salesforce_has ann
          sync.call
          expect(logged(user)).to eq([["user_contact_id_updated_from_salesforce", ids(nil, ann["Id"])],
                                      ["salesforce_updated_faculty_status", %w[no_faculty_info confirmed_faculty]]])
          expect { sync.call }.not_to change(SecurityLog, :count)
        end

        it "run for a relink and for a followed merge" do
          gone = contact("old@b.edu", "IsDeleted" => true)
          other = contact("other@b.edu")
          merged = contact("merged@b.edu", "IsDeleted" => true, "MasterRecordId" => other["Id"])
          relinked = linked_user(gone, email: "ann@b.edu", faculty_status: :confirmed_faculty)
          follower = linked_user(merged)
          salesforce_has ann, other, gone, merged
          sync.call
          expect(logged(relinked)).to eq([["user_contact_id_updated_from_salesforce", ids(gone["Id"], ann["Id"])]])
          expect(logged(follower)).to eq([["user_contact_id_updated_from_salesforce", ids(merged["Id"], other["Id"])]])
        end

        it "run for an unlink if they are declared for it" do
          user = create_user(salesforce_contact_id: gone = salesforce_id("003"), faculty_status: :confirmed_faculty)
          salesforce_has ann
          sync.call
          expect(logged(user)).to eq([["faculty_verified", ids(gone, nil)],
                                      ["salesforce_updated_faculty_status", %w[confirmed_faculty no_faculty_info]]])
        end

        it "run for no update that leaves the column as it is" do
          user = linked_user(ann, faculty_status: :confirmed_faculty)
          salesforce_has ann
          sync.attribute :first_name, from: "FirstName", blank: "Nobody"
          sync.call
          expect([user.reload.first_name, logged(user)]).to eq(["Nobody", []])
        end

        it "take back the change where they raise" do
          user = create_user(email: "ann@b.edu")
          salesforce_has ann
          sync.after_link { raise "no" }
          run = sync.call
          expect([run.errors.map(&:message), user.reload.salesforce_contact_id, logged(user)]).to eq([["no"], nil, []])
        end

        it "do not run for an undo, which says so" do
          create_user(email: "ann@b.edu")
          salesforce_has ann
          run = sync.call
          expect { expect(run.undo!.problems.join).to include("what after_link and after_transition did") }
            .not_to change(SecurityLog, :count)
        end

        it "run for the changes of a plan from a file" do
          user = create_user(email: "ann@b.edu")
          salesforce_has ann
          sync.plan.save(File.join(scratch, "sync.plan"))
          CrmSync::Plan.load(File.join(scratch, "sync.plan")).apply
          expect(logged(user).first).to eq(["user_contact_id_updated_from_salesforce", ids(nil, ann["Id"])])
        end
      end
    end
  end

  context "with a column that the host puts back" do
    using_database :postgresql

    it "run for the rest of the change only" do
      create_user(email: "ann@b.edu")
      salesforce_has ann
      allow_any_instance_of(User).to receive(:announce_to_applications) { |user| user.faculty_status = 0 }
      sync_that(&logging).call
      expect(SecurityLog.pluck(:event_type)).to eq(["user_contact_id_updated_from_salesforce"])
    end
  end
end
