# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

RSpec.describe CrmSync::Contacts::Answers do
  include ContactSyncWorld

  on_each_database do
    let(:naming) { sync_that { attribute :first_name, from: "FirstName" } }

    # Users whose names the app rewrites, with contacts that have other names.
    def users(*names)
      stub_const("User", Class.new(User)).before_save { self.first_name = first_name&.squish }
      salesforce_has(*[*names, "new"].map { |name| contact("#{name}@b.edu", "FirstName" => "#{name}  x") })
      names.map { |name| create_user(email: "#{name}@b.edu") }
    end

    def kept = CrmSync::StateRow.where("name LIKE 'answers of %'").order(:id).pluck(:name)

    it "are deleted when they are old and their user is gone, by a run that writes" do
      ann, bob = users("ann", "bob")
      naming.call
      expect(kept).to eq(["answers of #{ann.id}", "answers of #{bob.id}"])
      bob.delete
      new = create_user(id: bob.id + 1, email: "new@b.edu") # where another spec has rebuilt the table, ids come again
      naming.call
      expect(kept.size).to eq(3)
      CrmSync::StateRow.update_all(updated_at: 91.days.ago)
      naming.call
      expect(kept.size).to eq(3)
      new.update_columns(first_name: nil)
      naming.call(only: new)
      expect(kept.size).to eq(3)
      new.update_columns(first_name: nil)
      expect(naming.call.applied.size).to eq(1)
      expect(kept).to eq(["answers of #{ann.id}", "answers of #{new.id}"])
      expect(CrmSync::StateRow.where("name LIKE 'answers of %' AND updated_at < ?", 1.day.ago)).to be_empty
      expect(naming.call.status).to eq(:unchanged)
    end
  end
end
