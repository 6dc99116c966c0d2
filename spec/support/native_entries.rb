# frozen_string_literal: true

require "json"
require_relative "internals"

# Every way into the native library that needs no database: each gives what is the same every time, and hands the call
# that makes Ruby objects to its block, so that a spec can make that harder.
module NativeEntries
  CONTACTS = Array.new(2) do |number|
    { "Id" => format("003%012dAAA", number + 1), "Email" => "teacher#{number}@example.edu", "AccountId" => nil }
  end
  ORGANIZATIONS = Array.new(3) { |number| { "id" => number + 1, "name" => "N#{number + 1}" } }
  FIELDS = [{ key: "kind", type: :dropdown, custom_field_options: %w[a b] }].freeze
  ALL = %i[normalize_address address_index comparison query query_by_job retrieve update ingest describe limits
           an_error organization_query organization_fields organization_writing].freeze

  module_function

  def with_simulators(&block)
    salesforce = { records: { "Contact" => CONTACTS, "Account" => [] }, bulk_polls: 0, settings: { bulk_from: 1 } }
    zendesk = { organizations: ORGANIZATIONS, organization_fields: FIELDS, clock_speed: 1000 }
    CrmSync::Testing::Salesforce.start(**salesforce) { CrmSync::Testing::Zendesk.start(**zendesk) { block.call } }
  end

  # Calls the entry in the usual way.
  def use(name)
    public_send(name, &:call)
  end

  def normalize_address
    yield -> { CrmSync::Native.normalize_address(" A@B.edu ") }
  end

  def address_index
    claims = [["1", "a@b.edu"], [2, "A@b.edu"], [2, [nil, ["c@d.edu"]]], [:c, "e@f.edu".encode("UTF-16LE")]]
    # The last one has as many as are looked up by the core's threads, in one list: a match each would take minutes.
    asked = ["E@f.edu", ["c@d.edu"], %w[a@b.edu e@f.edu], nil, "x", ["e@f.edu"] * 5_000]
    yield(lambda do
      index = CrmSync::EmailIndex.new.add_all(*claims.transpose).add("d", "d@e.edu")
      [index.contested, index.match("d@e.edu").to_a, index.match_all(asked).map(&:to_a)]
    end)
  end

  def comparison
    comparison = CrmSync::Native::Comparison.new(%w[text any])
    comparison.add(0, [["k1", "A", ["x", { "y" => 1 }]], ["k2", "B", nil]])
    comparison.add(1, [["k1", "A", ["x", { "y" => 2 }]], ["k3", "C", nil]])
    with_host { |host| yield -> { comparison.compare(host) } }
  end

  def query(way: "serial", soql: "SELECT Id, Email, Account.Name FROM Contact")
    with_host do |host|
      query = CrmSync::Native::Query.start(org, soql, false, way, host)
      yield -> { query.next(host) }
    ensure
      query&.stop(org, host)
    end
  end

  def query_by_job(&) = query(way: "bulk", soql: "SELECT Id, Email FROM Contact", &)

  def retrieve
    ids = CONTACTS.map { |row| row["Id"] }
    with_host { |host| yield -> { org.retrieve("Contact", ids, %w[Id Email], host) } }
  end

  def update(way = :write)
    rows = CONTACTS.map { |row| [row["Id"], JSON.generate(row.slice("Email"))] }
    with_host { |host| yield -> { org.public_send(way, "Contact", :update, "", rows, host) } }
  end

  def ingest(&) = update(:ingest, &)

  def describe = with_host { |host| yield -> { org.describe("Contact", host) } }

  def limits
    with_host { |host| yield -> { org.limits(host).keys.sort } }
  end

  def an_error
    failing = lambda do |host|
      org.retrieve("Nothing__c", ["003000000000001AAA"], ["Id"], host)
    rescue CrmSync::RemoteError => e
      e.code
    end
    with_host { |host| yield -> { failing.call(host) } }
  end

  def organization_query
    with_host do |host|
      query = CrmSync::Native::OrganizationQuery.start(account, host)
      yield -> { query.next(host).map { |row| row["name"] } }
    ensure
      query&.stop(host)
    end
  end

  def organization_fields
    with_host { |host| yield -> { account.organization_fields(host) } }
  end

  def organization_writing
    rows = ORGANIZATIONS.map { |row| [row["id"], JSON.generate(notes: "x")] }
    with_host do |host|
      writing = CrmSync::Native::OrganizationWriting.start(account, [], rows, [], host)
      yield -> { ends(writing, host) }
    ensure
      writing&.stop(host)
    end
  end

  def ends(writing, host)
    events = []
    while (some = writing.next(host))
      events.concat(some)
    end
    events.grep(CrmSync::Native::Finished).map(&:to_a).sort_by(&:to_s)
  end

  def with_host
    yield CrmSync::Host.new(CrmSync::Log.new("spec"), CrmSync::Salesforce.settings(:default).sessions)
  end

  def org
    CrmSync::Salesforce.settings(:default).native
  end

  def account
    CrmSync::Zendesk.settings.native
  end
end
