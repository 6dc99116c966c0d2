# frozen_string_literal: true

require_relative "incremental_world"

# The contact sync and its primitives, among people whose addresses are canaries.
module ConfidentialContacts
  SETTINGS = { client_secret: Canaries::SECRETS[:client_secret] }.freeze
  private_constant :SETTINGS

  def self.included(group)
    group.include IncrementalWorld
  end

  # People whom a sync links, unlinks and quarrels about.
  def contact_world(**options)
    gone = contact(address("gone"))
    linked_user(gone, email: address("gone"))
    create_users(3) { |n| { email: address("teacher#{n}") } }
    2.times { create_user(email: address("contested")) }
    contacts = Array.new(3) { |n| contact(address("teacher#{n}"), faculty: "Confirmed") }
    salesforce_has(*contacts, contact(address("contested")), contact(address("contested")), lead(address("lead")),
                   **SETTINGS, **options)
  end

  private

  def contact_runs
    contact_world(faults: [{ on: :update, answer: { echo: { status: 400 } } }])
    plan = keep(UpdateUserSalesforceInfo.plan)
    plan.save(path = File.join(scratch, "sync.plan"))
    keep(CrmSync::Plan.load(path), plan.to_s)
    keep(*UpdateUserSalesforceInfo.shadow { User.first.touch }.differences)
    after_run(keep(plan.apply))
  end

  def after_run(run)
    keep(UpdateUserSalesforceInfo.doctor, UpdateUserSalesforceInfo.explain(User.last))
    keep(*UpdateUserSalesforceInfo.runs.first.changes, run.undo!)
    keep(UpdateUserSalesforceInfo.call(allow_error_email: true), UpdateUserSalesforceInfo.plan(only: User.last))
    keep_rows_of_the_gem
  end

  def keep_rows_of_the_gem
    keep(*[CrmSync::ChangeRow, CrmSync::RunRow, CrmSync::StateRow, CrmSync::OutboxRow].flat_map { |row| row.all.to_a })
  end

  def contact_troubles
    failing(CrmSync::NotDumpable) { Marshal.dump(@kept.last) }
    failing(CrmSync::StalePlan) { CrmSync::Plan.load(spoiled(File.join(scratch, "sync.plan"))) }
    failing(CrmSync::FileError) { CrmSync::Plan.load(File.join(scratch, "none")) }
    failing(CrmSync::ConfigurationError) { CrmSync.configuration.history_days = Canaries::SECRETS[:password] }
    failing(CrmSync::MappingError) { sync_that("Wrong") { attribute :no_such, from: "X" }.plan }
    salesforce_stops
    blocked
    repeated_secrets
  end

  # A source that comes back empty, and an org without calls.
  def blocked
    salesforce_has(**SETTINGS)
    failing(CrmSync::BudgetExceeded) { UpdateUserSalesforceInfo.call! }
    salesforce_stops
    spent = { status: 403, code: "REQUEST_LIMIT_EXCEEDED", message: "used up by #{address("agent")}" }
    salesforce_has(faults: [{ on: :query, answer: { error: spent } }], **SETTINGS)
    failing(CrmSync::QuotaExceeded) { UpdateUserSalesforceInfo.call }
    salesforce_stops
  end

  # Runs the sync against a server that repeats what it was told.
  def repeated_secrets
    { query: CrmSync::RemoteError, token: CrmSync::AuthenticationError }.each do |on, kind|
      echoing(on) { failing(kind) { UpdateUserSalesforceInfo.call } }
    end
  end

  # A server that repeats what it was told, in each form.
  def echoing(on)
    %i[plain url_encoded base64 json_escaped].each do |form|
      salesforce_has(contact(address("ann")), faults: [{ on:, answer: { echo: { status: 400, form: } } }], **SETTINGS)
      yield
      salesforce_stops
    end
  end

  def spoiled(path)
    File.write(path, "#{File.read(path)}{\"mail\": \"#{address("spoiled")}")
    path
  end

  # A sync that keeps what it read.
  def kept_runs
    org_has(changed(contact(address("kept"))), **SETTINGS)
    sync = incremental_sync { write :set_based }
    create_user(email: address("kept"))
    2.times { keep(sync.call) }
    primitives
    salesforce_stops
  end

  # Clients and the like, by themselves.
  def primitives
    client = keep(CrmSync::Salesforce.client)
    soql = "SELECT Id, Email FROM Contact WHERE Email IN :emails"
    keep(client.query(soql, emails: [address("kept")]).first, client.query(soql, emails: [address("x")]))
    created(client)
    index = keep(CrmSync::EmailIndex.new.add(1, address("x")))
    keep(index.match([address("x")]), index.match_all([address("x")]))
    keep(CrmSync.diff([{ id: 1, mail: address("a") }, { id: 2 }, { id: 2 }], [{ id: 1, mail: address("b") }],
                      key: :id, fields: [:mail]))
  end

  def created(client)
    keep(*client.create("Contact", [{ "LastName" => "Lee", "Email" => address("new") }, { "Email" => address("new") }]))
    keep(*client.describe("Contact").values)
  end
end
