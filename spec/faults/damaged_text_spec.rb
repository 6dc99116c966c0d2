# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Half an emoji in a field of one contact, as forms and imports leave it behind. By a query it is an escape that is no
# character, by a job it is bytes that are not UTF-8.
RSpec.describe "a contact sync that reads text which is not Unicode" do
  include ContactSyncWorld

  using_database :postgresql

  let(:ways) do
    { query: ["\\ud83d", {}], job: ["\u00ed\u00a0\u00bd", { bulk_from: 1, page_size: 1, bulk_polls: 0 }] }
  end

  def sync
    sync_that { attribute :first_name, from: "FirstName" }
  end

  def read_with(bytes, bulk_from: nil, **options)
    salesforce_has(contact("ann@b.edu", FirstName: "Ann HALF"), contact("bob@b.edu", FirstName: "Bob"), **options,
                   settings: { bulk_from: }.compact,
                   faults: [{ on: :any, answer: { splice: { text: "HALF", bytes: } } }])
  end

  %i[query job].each do |way|
    it "quarantines the field of that one by a #{way}, and the others go on" do
      bytes, options = ways.fetch(way)
      ann = create_user(email: "ann@b.edu", first_name: "Before")
      bob = create_user(email: "bob@b.edu", first_name: "Before")
      read_with(bytes, **options)
      run = sync.call
      expect([ann.reload.first_name, bob.reload.first_name]).to eq(%w[Before Bob])
      expect([ann, bob].map(&:salesforce_contact_id)).to all(be_present)
      expect(run.issues.map { |issue| [issue.kind, issue.users] }).to include([:unknown_value, [ann.id]])
    end
  end
end
