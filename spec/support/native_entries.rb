# frozen_string_literal: true

require "json"

# Every way into the native library that needs no database, by name: each gives something that is the same every time.
module NativeEntries
  QUERY = "SELECT Id, Email, Account.Name FROM Contact"
  CONTACTS = Array.new(5) do |number|
    { "Id" => format("003%012dAAA", number + 1), "Email" => "teacher#{number}@example.edu", "AccountId" => nil }
  end
  ORGANIZATIONS = Array.new(5) { |number| { "id" => number + 1, "name" => "N#{number + 1}" } }

  def self.host
    CrmSync::Host.new(CrmSync::Log.new("spec"))
  end

  def self.salesforce
    CrmSync::Salesforce.client
  end

  def self.zendesk
    CrmSync::Zendesk.client
  end

  # With its memory of numbers it is the one object that lives on.
  def self.index
    CrmSync::EmailIndex.new.tap do |index|
      20.times { |number| index.add("key#{number}", "a#{number % 15}@b.example", " B#{number}@b.example") }
    end
  end

  ALL = {
    "EmailIndex" => -> { [index.contested, index.match(["B7@b.example"]).to_a, CrmSync::Email.normalize(" A@B.edu ")] },
    "diff" => lambda do
      side = ->(shift) { Array.new(8) { |n| { id: "k#{n}", name: "N#{n % shift}", tags: ["a", { "b" => n }] } } }
      CrmSync.diff(side.call(3), side.call(4), key: :id, fields: { name: :text, tags: :any }).to_h.inspect
    end,
    "Query, serial" => -> { salesforce.query(QUERY, by: :serial).to_a },
    "Query, bulk" => -> { salesforce.query("SELECT Id, Email FROM Contact", by: :bulk).to_a.sort_by(&:to_s) },
    "retrieve" => -> { salesforce.retrieve("Contact", CONTACTS.map { |row| row["Id"] }, %w[Id Email]) },
    "update" => -> { salesforce.update("Contact", CONTACTS.map { |row| row.slice("Id", "Email") }) },
    "limits" => -> { salesforce.limits.keys },
    "an error" => -> { salesforce.query("SELECT Nothing__c FROM Contact").to_a rescue $!.class.name },
    "organizations" => -> { zendesk.organizations.map { |row| row["name"] } },
    "organization_fields" => -> { zendesk.organization_fields },
    "update_many" => -> { zendesk.update_many(ORGANIZATIONS.map { |row| { id: row["id"], notes: "x" } }) },
    "create" => -> { zendesk.create(name: "n1") rescue $!.class.name },
    "job" => -> { zendesk.job("none") rescue $!.class.name }
  }.freeze

  def self.with_simulators
    records = { "Contact" => CONTACTS, "Account" => [] }
    CrmSync::Testing::Salesforce.start(records:, page_size: 3, bulk_polls: 0, settings: { bulk_from: 0 }) do
      CrmSync::Testing::Zendesk.start(organizations: ORGANIZATIONS, clock_speed: 1000) { yield }
    end
  end
end
