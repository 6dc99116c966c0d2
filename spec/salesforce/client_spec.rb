# frozen_string_literal: true

require "rails_helper"

# Reading and writing an org without the syncs.
RSpec.describe CrmSync::Salesforce::Client do
  def queries(salesforce)
    salesforce.requests.filter_map { |request| request["query"] }
  end

  # An org that answers every query with these records, for what the simulator's SOQL cannot say.
  def answering(*records)
    text = JSON.generate(totalSize: records.size, done: true, records:)
    simulate(faults: [{ on: :query, answer: any_answer(200, text) }]) { yield } # rubocop:disable Style/ExplicitBlockArgument
  end

  describe "#query" do
    it "gives rows by field name, a parent as a Hash or nil" do
      org(count: 2) do
        expect(read(:auto)).to eq([
                                    { "Id" => contact_id(1), "Email" => "teacher1@example.edu",
                                      "Account" => { "Name" => "Rice" } },
                                    { "Id" => contact_id(2), "Email" => "teacher2@example.edu", "Account" => nil }
                                  ])
      end
    end

    it "gives parents of parents" do
      records = {
        "Contact" => [{ "Id" => contact_id(1), "AccountId" => "001000000000001AAA" },
                      { "Id" => contact_id(2), "AccountId" => "001000000000002AAA" }],
        "Account" => [{ "Id" => "001000000000001AAA", "OwnerId" => "005000000000001AAA" },
                      { "Id" => "001000000000002AAA", "OwnerId" => nil }],
        "User" => [{ "Id" => "005000000000001AAA", "Name" => "Ann" }]
      }
      simulate(records:) do
        %i[serial parallel bulk].each do |way|
          rows = read(way, "SELECT Id, Account.Id, Account.Owner.Name FROM Contact")
          expect(sorted(rows).map { |row| row["Account"] })
            .to eq([{ "Id" => "001000000000001AAA", "Owner" => { "Name" => "Ann" } },
                    { "Id" => "001000000000002AAA", "Owner" => nil }])
        end
      end
    end

    it "gives the rows of a child query as an Array, and none as nil" do
      child = { attributes: { type: "Contact" }, Id: contact_id(1) }
      answering({ Id: "a", Contacts: { totalSize: 1, done: true, records: [child] } }, { Id: "b", Contacts: nil }) do
        expect(read(:auto, "SELECT Id, (SELECT Id FROM Contacts) FROM Account"))
          .to eq([{ "Id" => "a", "Contacts" => [{ "Id" => contact_id(1) }] }, { "Id" => "b", "Contacts" => nil }])
      end
    end

    it "does not give fewer rows of a child query than there are" do
      more = { totalSize: 9, done: false, nextRecordsUrl: "/services/data/v66.0/query/0r8-1", records: [{ Id: "c" }] }
      answering({ Id: "a", Contacts: more }) do
        expect { read(:auto, "SELECT Id, (SELECT Id FROM Contacts) FROM Account") }
          .to raise_error(CrmSync::RemoteError, /child query has more rows .* a query of their own/)
      end
    end

    it "does not take a child query that is not done, or has not come whole, for one that is" do
      [{ totalSize: 2, done: false }, { totalSize: 2, done: true }, { totalSize: 2 }].each do |frame|
        answering({ Id: "a", Contacts: { **frame, records: [{ Id: "c" }] } }) do
          expect { read(:auto, "SELECT Id, (SELECT Id FROM Contacts) FROM Account") }
            .to raise_error(CrmSync::RemoteError, /child query has more rows .* a query of their own/)
        end
      end
    end

    it "gives whole numbers as such, and every other value as it is" do
      answering({ A: 1988.0, B: 1.5, C: true, D: nil, E: "x\ny", F: 7 }) do
        expect(read(:auto, "SELECT A FROM C")).to eq([{ "A" => 1988, "B" => 1.5, "C" => true, "D" => nil,
                                                        "E" => "x\ny", "F" => 7 }])
      end
    end

    it "counts, and gives nothing where there is nothing" do
      org(count: 5) do
        expect(read(:auto, "SELECT count(Id) FROM Contact")).to eq([{ "expr0" => 5 }])
        expect(%i[auto serial parallel bulk].map { |way| read(way, "SELECT Id FROM Lead") }).to all(eq([]))
      end
    end

    it "keeps the order and the limit of a query, on several pages, also where it could read in ranges" do
      org do |salesforce|
        soql = "SELECT Id, Email FROM Contact ORDER BY Email DESC LIMIT 9"
        expected = people(30).map { |row| row["Email"] }.sort.reverse.first(9)
        %i[auto serial parallel].each do |way|
          expect(read(way, soql).map { |row| row["Email"] }).to eq(expected)
        end
        expect(queries(salesforce)).to eq([soql] * 3)
      end
    end

    it "binds values, and reads a list that is too long in several queries, each row once" do
      simulate(records: { "Contact" => contacts(900) }, page_size: 2_000) do |salesforce|
        emails = contacts(900).map { |row| row["Email"] } + ["o'neil@example.edu"]
        rows = client.query("SELECT Id, Email FROM Contact WHERE Email IN :emails", emails:).to_a
        expect(rows.map { |row| row["Id"] }).to match_array((1..900).map { |n| contact_id(n) })
        expect(queries(salesforce).size).to be > 1
        expect(salesforce.requests.map { |request| request["status"] }).to all(eq(200))
      end
    end

    it "asks nothing for an empty list" do
      org do |salesforce|
        expect(client.query("SELECT Id FROM Contact WHERE Email IN :emails", emails: []).to_a).to eq([])
        expect(salesforce.requests).to be_empty
      end
    end

    it "gives deleted rows only when asked to" do
      gone = { "Id" => contact_id(9), "Email" => "gone@example.edu", "IsDeleted" => true }
      simulate(records: { "Contact" => [*contacts(5), gone] }) do |salesforce|
        %i[serial parallel bulk].each do |way|
          expect(read(way, "SELECT Id FROM Contact").size).to eq(5)
          rows = read(way, "SELECT Id, IsDeleted FROM Contact", with_deleted: true)
          expect(rows.select { |row| row["IsDeleted"] }.map { |row| row["Id"] }).to eq([contact_id(9)])
          expect(rows.size).to eq(6)
        end
        expect(salesforce.jobs.map { |job| job["operation"] }).to eq(%w[query queryAll])
      end
    end

    it "refuses what it cannot do before anything is sent" do
      org do |salesforce|
        expect { client.query("SELECT Id FROM Contact WHERE Email = :email") }.to raise_error(ArgumentError, /:email/)
        expect { client.query("SELECT Id FROM Contact", by: :magic).to_a }.to raise_error(ArgumentError, /:serial/)
        expect(salesforce.requests).to be_empty
      end
    end

    it "does not pass what a job cannot read for its rows" do
      org do |salesforce|
        expect { read(:bulk, "SELECT Id FROM Contact ORDER BY Email LIMIT 3") }
          .to raise_error(CrmSync::RemoteError, /a Bulk API job takes plain fields/)
        expect(salesforce.requests).to be_empty
      end
    end
  end

  describe "laziness" do
    it "sends nothing before the first row is asked for" do
      org do |salesforce|
        rows = client.query(OrgReading::SOQL)
        lazy = rows.lazy.map { |row| row["Id"] }
        expect([rows.size, salesforce.requests.size]).to eq([nil, 0])
        expect(lazy.first(2).size).to eq(2)
        expect(salesforce.requests).not_to be_empty
      end
    end

    it "asks for no more pages than it is read, but for those that are on their way" do
      org(count: 200) do |salesforce|
        expect(client.query(OrgReading::SOQL, by: :serial).lazy.map { |row| row["Id"] }.first(3).size).to eq(3)
        # A sign-in, the page that is read, one that waits, one that is to wait, and one on its way.
        expect(salesforce.requests.size).to be <= 5
      end
    end

    it "asks anew each time, and after a rewind" do
      org(count: 3) do |salesforce|
        rows = client.query(OrgReading::SOQL)
        expect([rows.to_a, rows.to_a]).to all(eq(rows_of(3)))
        expect([rows.next, rows.next]).to eq(rows_of(2))
        salesforce.replace("Contact", people(4).last(1))
        rows.rewind
        expect(rows.next["Id"]).to eq(contact_id(4))
        expect { rows.next }.to raise_error(StopIteration)
      end
    end
  end

  describe "#each_batch" do
    it "gives the pages of the server, with a block and without" do
      org(count: 10) do
        sizes = []
        client.each_batch(OrgReading::SOQL, by: :serial) { |rows| sizes << rows.size }
        expect(sizes).to eq([4, 4, 2])
        batches = client.each_batch(OrgReading::SOQL, by: :serial)
        expect(batches.first.size).to eq(4)
        expect(batches.to_a.flatten).to eq(rows_of(10))
      end
    end

    it "sends nothing without a block" do
      org do |salesforce|
        client.each_batch("SELECT Id FROM Contact WHERE Email = :email", email: "x")
        expect(salesforce.requests).to be_empty
      end
    end
  end

  describe "the ways to read" do
    {
      "with pages of odd sizes" => { page_sizes: [1, 7, 3, 2] }, "without gzip" => { gzip: false },
      "with locators of old" => { locator_prefix: "01g" }, "with locators of today" => { locator_prefix: "0r8" },
      "in whatever order" => { shuffle: true }, "with one request at a time" => { settings: { concurrency: 1 } },
      "in a version without addresses of pages" => { settings: { api_version: "57.0" } }
    }.each do |what, options|
      it "give the same rows #{what}" do
        org(count: 61, **options) do |salesforce|
          %i[auto serial parallel bulk].each { |way| expect(sorted(read(way))).to eq(rows_of(61)) }
          expect(sign_ins(salesforce)).to eq(1)
          expect(salesforce.jobs.map { |job| job["deleted"] }).to eq([true])
        end
      end
    end

    it "give the values of each type alike" do
      typed = people(9).each_with_index.map do |row, n|
        row.merge("Flag__c" => n.even?, "Score__c" => n * 1.5, "Note__c" => "a \"b\",\nc", "Year__c" => 1988,
                  "SystemModstamp" => "2023-05-31T21:22:28.000+0000")
      end
      soql = "SELECT Id, Flag__c, Score__c, Note__c, Year__c, SystemModstamp FROM Contact"
      simulate(records: { "Contact" => typed }) do
        rows = %i[serial parallel bulk].map { |way| sorted(read(way, soql)) }
        expect(rows[1..]).to all(eq(rows.first))
        expect(rows.first[1]).to include("Flag__c" => false, "Score__c" => 1.5, "Note__c" => "a \"b\",\nc",
                                         "Year__c" => 1988, "SystemModstamp" => "2023-05-31T21:22:28.000+0000")
      end
    end

    it "serve two threads that share one client, with one sign-in" do
      org(count: 61, latency_ms: 5) do |salesforce|
        shared = client
        ways = %i[serial parallel bulk auto] * 2
        rows = ways.map { |way| Thread.new { shared.query(OrgReading::SOQL, by: way).to_a } }.map(&:value)
        expect(rows.map { |some| sorted(some) }).to all(eq(rows_of(61)))
        expect(sign_ins(salesforce)).to eq(1)
      end
    end

    it "let many threads stop early at once" do
      org(count: 61) do
        stopped = Array.new(8) { Thread.new { Array.new(12) { client.query(OrgReading::SOQL).first(1).size } } }
        expect(stopped.flat_map(&:value)).to all(eq(1))
      end
    end
  end

  describe "#retrieve" do
    def ids(*numbers)
      numbers.map { |number| contact_id(number) }
    end

    it "gives a record for each id, in order, and nil for one that is gone" do
      org(count: 5) do
        found = client.retrieve("Contact", ids(4, 77, 2, 4), %w[Id Email Account.Name])
        expect(found.map { |row| row && row["Id"] }).to eq([contact_id(4), nil, contact_id(2), contact_id(4)])
        expect(found[2]).to eq("Id" => contact_id(2), "Email" => "teacher2@example.edu", "Account" => nil)
      end
    end

    it "takes ids of 15 characters, for the same record as those of 18" do
      org(count: 2) do
        found = client.retrieve("Contact", [contact_id(2)[0, 15], contact_id(2)], %w[Id])
        expect(found).to eq([{ "Id" => contact_id(2) }] * 2)
      end
    end

    it "asks for 2,000 at a time, and for each once" do
      simulate(records: { "Contact" => contacts(4_100) }) do |salesforce|
        wanted = (1..4_100).map { |n| contact_id(n) }.shuffle(random: Random.new(1))
        found = client.retrieve("Contact", wanted + wanted.first(50), %w[Id])
        expect(found.map { |row| row["Id"] }).to eq(wanted + wanted.first(50))
        calls = salesforce.requests.select { |request| request["path"].end_with?("/composite/sobjects/Contact") }
        expect(calls.map { |call| JSON.parse(call["body"])["ids"].size }).to contain_exactly(2_000, 2_000, 100)
      end
    end

    it "refuses what is not an id and no name before anything is sent" do
      org do |salesforce|
        bad = [["Contact", ["x"], %w[Id]], ["Contact", [contact_id(1).tr("A", "B")], %w[Id]],
               ["Contact; DROP", ids(1), %w[Id]], ["../limits", ids(1), %w[Id]], ["Contact", ids(1), ["Id FROM X"]],
               ["Contact", ids(1), ["Account."]], ["Contact", ids(1), [nil]]]
        bad.each { |arguments| expect { client.retrieve(*arguments) }.to raise_error(ArgumentError) }
        expect(client.retrieve("Contact", [], %w[Id])).to eq([])
        expect(salesforce.requests).to be_empty
      end
    end
  end

  describe "#update" do
    it "writes each row, and says for each what went wrong" do
      org(count: 3) do |salesforce|
        rows = [{ "Id" => contact_id(1), "Fax" => "1" }, { "Id" => contact_id(9), "Fax" => "9" },
                { "Id" => contact_id(3)[0, 15], Fax: "3" }]
        results = client.update("Contact", rows)
        expect(results.map(&:status)).to eq(%i[updated refused updated])
        expect(results.map(&:id)).to eq([contact_id(1), nil, contact_id(3)])
        expect(results[1].error).to have_attributes(service: "Salesforce", status: 200, attempts: 1,
                                                    code: "INVALID_CROSS_REFERENCE_KEY")
        expect(results[1].to_s).to include("refused: Salesforce: the update of Contact #{contact_id(9)} failed")
        expect(salesforce.records("Contact").map { |row| row["Fax"] }).to eq(["1", nil, "3"])
      end
    end

    it "writes nothing when one id is none, or the object's name" do
      org(count: 3) do |salesforce|
        rows = [{ "Id" => contact_id(1), "Fax" => "1" }, { "Id" => "x", "Fax" => "2" }]
        expect { client.update("Contact", rows) }
          .to raise_error(ArgumentError, "rows[1] has an id that is not Salesforce's")
        expect { client.update("Contact", [{ "Fax" => "2" }] * 2) }
          .to raise_error(ArgumentError, /\Arows\[0\] has an id/)
        expect { client.update("Contact/x", []) }.to raise_error(ArgumentError, /is not a name/)
        expect(salesforce.requests).to be_empty
      end
    end

    it "writes each value in the form that Salesforce takes" do
      org(count: 1) do |salesforce|
        fields = { "Fax" => :a, On__c: Date.new(2026, 11, 28), At__c: Time.utc(2026, 11, 28, 10), Gone__c: nil,
                   Sum__c: BigDecimal("12345678901234567.89") }
        expect(client.update("Contact", [{ "Id" => contact_id(1), **fields }])).to all(be_ok)
        expect(salesforce.requests.last["body"])
          .to include('"Fax":"a"', '"On__c":"2026-11-28"', '"At__c":"2026-11-28T10:00:00.000Z"', '"Gone__c":null',
                      '"Sum__c":12345678901234567.89')
      end
    end

    it "sends nothing where a value has no form" do
      org(count: 1) do |salesforce|
        rows = [{ "Id" => contact_id(1), "Fax" => "1" }, { "Id" => contact_id(1), "Fax" => Float::NAN }]
        expect { client.update("Contact", rows) }.to raise_error(ArgumentError, /not a number that Salesforce/)
        expect(salesforce.requests).to be_empty
      end
    end

    it "writes 200 records a call, and gives each its own end" do
      org(count: 401) do |salesforce|
        rows = people(401).map { |row| row.slice("Id").merge("Fax" => "1") }
        rows[7] = { "Id" => contact_id(999), "Fax" => "1" }
        ends = client.update("Contact", rows)
        expect(ends.reject(&:ok?).map { |result| result.error.code }).to eq(["INVALID_CROSS_REFERENCE_KEY"])
        expect(ends[7].error.message).to include("the update of Contact #{contact_id(999)} failed")
        expect(salesforce.records("Contact").count { |row| row["Fax"] == "1" }).to eq(400)
        expect(salesforce.requests.count { |request| request["method"] == "PATCH" }).to eq(3)
      end
    end

    it "refuses two rows for one record, whose order nobody would know" do
      org(count: 1) do |salesforce|
        rows = [{ "Id" => contact_id(1), "Fax" => "1" }, { "Id" => contact_id(1).first(15), "Fax" => "2" }]
        expect { client.update("Contact", rows) }
          .to raise_error(ArgumentError, /row 2 is about Contact \S+, as row 1 is; put/)
        expect(salesforce.requests).to be_empty
      end
    end

    it "tells what to do about a duplicate rule, and writes all the same where that is allowed" do
      row = { "Id" => contact_id(1), "Fax" => "1" }
      faults = [{ on: :update, answer: :duplicates }]
      org(count: 1, faults:) do |salesforce|
        error = client.update("Contact", [row]).first.error
        expect(error).to have_attributes(code: "DUPLICATES_DETECTED", attempts: 1)
        expect(error.message).to include("merge the two, change the rule, or set salesforce.allow_duplicates")
        expect(salesforce.records("Contact").first["Fax"]).to be_nil
      end
      org(count: 1, faults:, settings: { allow_duplicates: true }) do |salesforce|
        expect(client.update("Contact", [row])).to all(be_ok)
        expect(salesforce.records("Contact").first["Fax"]).to eq("1")
      end
    end

    it "tries again what may pass, and stops at the first refusal that is for all" do
      locked = { on: :update, times: 2, answer: api_error(400, "UNABLE_TO_LOCK_ROW") }
      org(count: 1, faults: [locked]) do
        expect(client.update("Contact", [{ "Id" => contact_id(1), "Fax" => "1" }])).to all(be_ok)
      end
      spent = { on: :update, answer: api_error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.") }
      org(count: 100, faults: [spent]) do |salesforce|
        results = client.update("Contact", people(100).map { |row| row.slice("Id").merge("Fax" => "1") })
        expect(results.map(&:error)).to all(be_a(CrmSync::RemoteError)).and include(be_a(CrmSync::QuotaExceeded))
        expect(salesforce.requests.size).to be < 40
      end
    end

    it "says that a record is deleted" do
      gone = { "Id" => contact_id(1), "IsDeleted" => true }
      simulate(records: { "Contact" => [gone] }) do
        result = client.update("Contact", [{ "Id" => contact_id(1), "Fax" => "1" }]).first
        expect([result.status, result.error.code]).to eq([:refused, "ENTITY_IS_DELETED"])
        expect(client.retrieve("Contact", [contact_id(1)], %w[Id])).to eq([nil])
      end
    end

    it "takes any list of Hashes, also one that can be gone through once only, and nothing else" do
      org(count: 2) do |salesforce|
        rows = [1, 2].map { |n| { "Id" => contact_id(n), "Fax" => n.to_s } }
        once = Enumerator.new { |list| list << rows.shift until rows.empty? }
        expect(client.update("Contact", once)).to all(be_ok)
        expect(salesforce.records("Contact").map { |row| row["Fax"] }).to eq(%w[1 2])
        { "x" => /rows are a String; give a list/, nil => /rows are nil/,
          { "Id" => "x" } => /row 1 is an Array; give a Hash/, [nil] => /row 1 is nil/ }.each do |given, message|
          expect { client.update("Contact", given) }.to raise_error(ArgumentError, message)
        end
      end
    end
  end

  describe "#describe" do
    it "tells of each field what it is, in values of Ruby's own" do
      contact = { "Id" => contact_id(1), "LastName" => "Lee", "Key__c" => "k", "AccountId" => nil, "Active__c" => true }
      options = { records: { "Contact" => [contact], "Account" => [OrgReading::ACCOUNT] },
                  external_ids: { "Contact" => %w[Key__c] }, unique: { "Contact" => %w[Key__c] },
                  picklists: { "Contact" => { "Level__c" => %w[low high] } } }
      simulate(fields: { "Contact" => [*contact.keys, "Level__c"] }, **options) do
        fields = client.describe("contact")
        expect(fields).to be_frozen.and all(satisfy { |name, field| field.name == name && field.frozen? })
        expect(fields["Key__c"]).to have_attributes(type: :string, length: 255, external_id?: true, unique?: true)
        expect(fields["LastName"]).to have_attributes(nillable?: false, createable?: true, updateable?: true)
        expect(fields["Id"]).to have_attributes(type: :id, createable?: false, updateable?: false, unique?: false)
        expect(fields["Level__c"]).to have_attributes(type: :picklist, picklist_values: %w[low high])
        expect(fields["AccountId"]).to have_attributes(type: :reference, references: %w[Account], nillable?: true)
        expect(fields["Active__c"]).to have_attributes(type: :boolean, length: 0, picklist_values: [])
        expect(fields["Key__c"].inspect).to eq("#<CrmSync::Salesforce::Field Key__c string(255)>")
      end
    end

    it "names the nearest object where there is none of the name" do
      org do
        expect { client.describe("Contatc") }.to raise_error(CrmSync::RemoteError) { |error|
          expect(error).to have_attributes(status: 404, code: "NOT_FOUND", service: "Salesforce")
          expect(error.message).to include("the description of Contatc failed", "did you mean Contact?")
        }
        expect { client.describe("../x") }.to raise_error(ArgumentError, /is not a name/)
      end
    end
  end

  it "tells what is left of the limits" do
    simulate(quota: { used: 26_005, limit: 100_000 }) do
      expect(client.limits).to include("DailyApiRequests" => { max: 100_000, remaining: 73_994 },
                                       "DailyBulkV2QueryJobs" => { max: 10_000, remaining: 10_000 })
    end
  end

  it "shows no secret" do
    org do
      read(:serial)
      settings = CrmSync::Salesforce.settings
      [client, settings, settings.sessions, settings.native].each do |object|
        expect(object.inspect + object.to_s + JSON.generate(object.as_json)).to have_no_secret
      end
      expect(client.query("SELECT Id FROM Contact WHERE Email = :email", email: "a@b.edu").inspect).to have_no_secret
    end
  end
end
