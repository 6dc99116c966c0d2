# frozen_string_literal: true

require "rails_helper"
require "support/incremental_world"

# Tenants that have schemas of their own in one database, among which search_path chooses.
RSpec.describe "a host with a schema for each tenant" do
  include IncrementalWorld

  using_database :postgresql, fresh: true

  before(:context) do
    tables = ActiveRecord::Base.connection.tables
    %w[one two].each do |tenant|
      connection = ActiveRecord::Base.connection
      connection.execute("CREATE SCHEMA #{tenant}")
      tables.each { |table| connection.execute("CREATE TABLE #{tenant}.#{table} (LIKE #{table} INCLUDING ALL)") }
    end
  end

  before { %w[one two].each { |name| tenant(name) { Databases.empty } } }
  after { ActiveRecord::Base.connection.schema_search_path = "public" }

  def tenant(name)
    ActiveRecord::Base.connection.schema_search_path = name
    yield
  end

  def held(lock)
    held = Queue.new
    go = Queue.new
    holder = job { lock.hold(held: ->(_) { held.push(false) }) { held.push(true) && go.pop } }
    expect(held.pop).to be(true)
    yield
  ensure
    go.push(true)
    holder.join
  end

  def job(&) = Thread.new { ActiveRecord::Base.connection_pool.with_connection(&) }

  let(:ann) { contact("ann@b.edu", faculty: "Confirmed") }

  it "runs the sync of one while another one's is under way, and not the same one's twice" do
    salesforce_has ann
    sync = sync_that { link_when :activated }
    lock = tenant("one") { CrmSync::Lock.for(sync.name, User) }
    held(lock) do
      expect(tenant("two") { sync.call.status }).to eq(:unchanged)
      expect(tenant("one") { sync.call.status }).to eq(:skipped)
    end
  end

  it "keeps the files of each" do
    org_has ann
    sync = incremental_sync
    %w[one two].each { |name| tenant(name) { create_user(email: "ann@b.edu") && sync.call } }
    files = snapshots
    expect(files.size).to eq(2)
    File.utime(Time.now - 2.days, Time.now - 2.days, *files)
    tenant("one") { sync.call }
    expect(tenant("two") { incremental? { sync.call } }).to be(true)
  end

  it "keeps the memory of each in files where there are no tables of ours" do
    salesforce_has ann
    sync = sync_that { link_when :activated }
    tables = %w[one two].flat_map { |name| %w[states runs].map { |table| "#{name}.crm_sync_#{table}" } }
    tables.each do |table|
      ActiveRecord::Base.connection.execute("ALTER TABLE #{table} RENAME TO hidden_#{table[/\w+\z/]}")
    end
    tenant("one") { sync.call }
    expect([tenant("one") { sync.last_success }, tenant("two") { sync.last_success }]).to match([Time, nil])
  ensure
    tables.each do |table|
      schema, name = table.split(".")
      ActiveRecord::Base.connection.execute("ALTER TABLE #{schema}.hidden_#{name} RENAME TO #{name}")
    end
  end

  it "does not apply to one what was planned for another" do
    salesforce_has ann
    users = %w[one two].map { |name| tenant(name) { create_user(email: "ann@b.edu") } }
    sync = sync_that { link_when :activated }
    plan = tenant("one") { sync.plan }
    file = File.join(scratch, "tenant.plan")
    tenant("one") { plan.save(file) }
    tenant("two") do
      expect { plan.apply }.to raise_error(CrmSync::ConfigurationError, /made in \S+, schema one, .* schema two now/)
      expect { CrmSync::Plan.load(file).apply }.to raise_error(CrmSync::StalePlan, /schema one/)
      expect(User.find(users[1].id).salesforce_contact_id).to be_nil
    end
    expect(tenant("one") { plan.apply.status }).to eq(:applied)
  end
end
