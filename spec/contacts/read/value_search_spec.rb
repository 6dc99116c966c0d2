# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

RSpec.describe "users who are looked for by their values" do
  include HostWorld

  on_each_host_database do
    before { people_table { |t| t.string(:level) } }

    let(:sync) { person_sync { attribute :level, from: "Level__c" } }

    it "are not those of rows that are nobody's" do
      ann = person("ann@b.edu")
      Mail.create!(address: "ann@b.edu")
      Mail.create!(address: "bob@b.edu")
      salesforce_has contact("ann@b.edu")
      expect(sync.explain("ann@b.edu")).to start_with("user #{ann.id}\n")
      expect(sync.explain("bob@b.edu")).to include("no user has this address")
      expect(sync.plan(only: ann).changes.map(&:key)).to eq([ann.id])
    end

    it "are found beside a contact with a text that no database takes" do
      ann = person("ann@b.edu")
      salesforce_has contact("ann@b.edu", "Level__c" => "gold").merge("Email_alt__c" => "ann@b.edu\0")
      two = Class.new(sync) { match_by(:mails, column: :address, to: %w[Email Email_alt__c]) { trust :known } }
      stub_const("TwoSync", two)
      expect(two.plan(only: ann).changes.map(&:key)).to eq([ann.id])
    end

    it "are found beside the value of another user that its type cannot read" do
      ann = person("ann@b.edu")
      person("ödd one@b.edu")
      salesforce_has contact("ann@b.edu")
      unreadable = Class.new(ActiveRecord::Type::String) do
        def deserialize(text) = text&.start_with?("ö") ? raise(KeyError, "no key for this") : super
      end
      Mail.attribute :address, unreadable.new
      expect(sync.plan(only: ann).changes.map(&:key)).to eq([ann.id])
      expect([sync.explain(ann), sync.explain("ann@b.edu")]).to all(start_with("user #{ann.id}\n"))
      expect(sync.call(only: ann, allow: HostWorld::ALL).status).to eq(:applied)
    end
  end
end
