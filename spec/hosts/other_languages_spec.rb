# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/host_world"

# A database in Turkish, in which the lower case of I is another letter than i.
RSpec.describe "a database in another language" do
  include ContactSyncWorld
  include HostWorld

  on_host_postgresql do
    before do
      people_table { |t| t.string :status }
      tables.execute('ALTER TABLE mails ALTER address TYPE varchar COLLATE "tr-TR-x-icu"')
      salesforce_has contact("ian@b.edu")
    end

    it "links one user as a run does" do
      expect(person_sync.call(only: person("IAN@B.EDU")).applied.map(&:action)).to eq([:link])
    end

    it "gives a contact to nobody if another user has the address in capital letters" do
      person("IAN@B.EDU")
      other = person("ian@b.edu")
      sync = person_sync
      expect(sync.plan.issues.map(&:kind)).to eq(%i[held_user held_user])
      expect(sync.call(only: other)).to have_attributes(applied: [], status: :unchanged)
    end

    it "is named by the doctor, because no index helps there" do
      expect(person_sync.doctor.warnings.map(&:message))
        .to include(/the language of mails\.address lower-cases .* give the column the collation "C"/)
    end

    it "finds the user of an address" do
      person("IAN@B.EDU")
      expect(person_sync.explain("ian@b.edu")).to include("planned: link")
    end
  end
end
