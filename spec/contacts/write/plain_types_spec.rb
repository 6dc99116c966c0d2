# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# The constraints of a domain are those of values that are written, and not of a batch's table.
RSpec.describe "columns of domains that are written past the model" do
  include HostWorld

  def in_domain(table, column, domain)
    tables.execute("ALTER TABLE #{table} ALTER #{column} TYPE #{domain}")
  end

  on_host_postgresql do
    before(:context) do
      ActiveRecord::Base.connection.execute(<<~SQL)
        CREATE DOMAIN contact_id AS varchar(18) CHECK (VALUE ~ '^003.{15}$');
        CREATE DOMAIN some_text AS text NOT NULL;
        CREATE DOMAIN code AS some_text CHECK (VALUE ~ '^[A-Z][0-9]+$');
        CREATE DOMAIN level AS text NOT NULL CHECK (VALUE IN ('gold', 'none'));
        CREATE DOMAIN share AS numeric(8, 2) NOT NULL CHECK (VALUE < 100);
      SQL
    end

    before do
      people_table { |t| [t.string(:code), t.string(:level), t.decimal(:share)] }
      [%w[people contact contact_id], %w[people code code], %w[people level level], %w[people share share],
       %w[mails address some_text]].each { |one| in_domain(*one) }
      people_models
    end

    let(:sync) do
      person_sync(:set_based) do
        match_by :code, to: "Code__c", as: :text
        attribute :level, from: "Level__c"
        attribute :share, from: "Share__c", blank: :keep
      end
    end

    it "are written, where a change has no value for one of them, or the contact's id in 15 characters" do
      linked = contact(nil, "Level__c" => "gold")
      people = { A1: "a@b.edu", B2: nil, C3: nil }.each.with_index(1).map do |(code, email), share|
        person(email, code:, level: "none", share:)
      end
      people[2].update_columns(contact: linked["Id"])
      salesforce_has linked, contact("a@b.edu", "Level__c" => "none", "Share__c" => 1.5),
                     contact(nil, "Code__c" => "B2", "Level__c" => "gold")
      expect(sync.call).to have_attributes(status: :applied, errors: [], stale: {}, applied: have_attributes(size: 3))
      expect(people.map { |one| one.reload.values_at(:level, :share) }).to eq([["none", 1.5], ["gold", 2], ["gold", 3]])
    end

    it "refuse a value with an error of the record" do
      people = Array.new(2) { |n| person("p#{n}@b.edu", code: "A#{n}", level: "none", share: 1) }
      salesforce_has contact("p0@b.edu", "Level__c" => "lead"), contact("p1@b.edu", "Level__c" => "gold")
      run = sync.call
      expect(run.errors.map(&:key)).to eq([people[0].id])
      expect(run.applied.map(&:key)).to eq([people[1].id])
    end
  end
end
