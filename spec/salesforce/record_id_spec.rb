# frozen_string_literal: true

require "rails_helper"
require_relative "../support/contact_sync_world"

# One grammar of ids, that of the core: nothing may take for an id what something else does not.
RSpec.describe CrmSync::RecordId do
  include ContactSyncWorld
  using_database :sqlite

  short = "0034C00000VaYfK"
  long = "0034C00000VaYfKQAV"
  no_ids = {
    "wrong last three characters" => "0034C00000VaYfKQAW", "lower-case last three characters" => "0034C00000VaYfKqav",
    "a loss of case" => long.downcase, "14 characters" => short.chop, "16 characters" => "#{short}Q",
    "17 characters" => long.chop, "19 characters" => "#{long}A", "an accent" => "0034C00000VaYfé",
    "a Cyrillic letter" => "0034\u042100000VaYfK", "the sign of Kelvin" => "0034C00000VaYf\u212A",
    "digits of full width" => "\uFF10\uFF10\uFF13\uFF14C00000VaYfK", "a hyphen" => "0034C00000VaYf-"
  }

  it "has two spellings, and keeps the case of both" do
    [short, long].each do |id|
      expect([described_class.long(id), described_class.spellings(id), described_class.same(id)])
        .to eq([long, [long, short], long])
    end
    expect(described_class.long(short.downcase)).to eq("#{short.downcase}AAA"), "that is another id"
    expect(described_class.long(long.encode("UTF-16LE"))).to be_nil
  end

  [*no_ids.values, "", " ", "#{short}\n", " #{short}", "0034C00000VaYf\0", "0034C00000VaYf\xFF", "\xFF".b * 15]
    .each do |text|
    it "is not #{text.inspect}" do
      expect([described_class.long(text), described_class.spellings(text), described_class.same(text)])
        .to eq([nil, [text], text])
    end
  end

  it "is no other object" do
    expect([nil, 15, :"0034C00000VaYfK", [short]].filter_map { |given| described_class.long(given) }).to eq([])
  end

  describe "all that takes ids" do
    let(:client) { CrmSync::Salesforce.client }
    let(:linked) { linked_user(contact("ann@b.edu"), email: "ann@b.edu") }

    before { salesforce_has }

    def takes?
      yield.then { true }
    rescue ArgumentError
      false
    end

    def links?(id)
      linked.update_columns(salesforce_contact_id: id)
      UpdateUserSalesforceInfo.plan.issues.map(&:kind).exclude?(:invalid_contact_id)
    end

    def stored?(id)
      CrmSync::Contacts::KeptContact.new("action" => "update", "contact" => long_of(id),
                                         "premises" => { "link" => id }).fits?
    end

    def long_of(id) = "#{id.first(15)}QAV"

    # For each place that takes ids, whether it takes this one.
    def places(id)
      [links?(id), stored?(id), takes? { UpdateUserSalesforceInfo.explain(id) },
       takes? { client.retrieve("Contact", [id], %w[Id]) }, takes? { client.update("Contact", [{ "Id" => id }]) },
       !CrmSync::Organizations::KeySelection.new(id).account.nil?]
    end

    it "takes both spellings" do
      expect([short, long].map { |id| places(id).tally }).to eq([{ true => 6 }] * 2)
    end

    no_ids.each do |what, id|
      it "takes no id that has #{what}" do
        expect(places(id).tally).to eq(false => 6)
      end
    end

    it "refuses two rows for one record, and no rows for two" do
      expect { client.update("Contact", [{ "Id" => short }, { "Id" => long }]) }
        .to raise_error(ArgumentError, /row 2 is about Contact .*, as row 1 is/)
      expect(client.update("Contact", [{ "Id" => short }, { "Id" => short.swapcase }]).size).to eq(2)
    end
  end
end
