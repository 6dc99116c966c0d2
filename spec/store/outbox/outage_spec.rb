# frozen_string_literal: true

require "rails_helper"
require_relative "../../support/answering_relay"
require_relative "../../support/contact_sync_world"

# A failure of Salesforce, or of what is on the way to it, is no attempt of a row, and a row's own fault is nobody
# else's.
RSpec.describe CrmSync::Outage do
  include ContactSyncWorld

  using_database :sqlite

  after { @relay&.close }

  # Returns the answer in which each row has what the block gives for it, or is written.
  def self.results(request)
    written = ->(row) { { id: row["id"], success: true, errors: [] } }
    [200, request.rows.map.with_index { |row, place| yield(place, row) || written.call(row) }]
  end

  def self.refused(code, message = "no")
    { success: false, errors: [{ statusCode: code, message:, fields: [] }] }
  end

  def self.coded(status, code, **headers)
    [status, [{ errorCode: code, message: "no" }], headers]
  end

  # So many rows wait for an org whose writes are answered by the block.
  def waiting(count, settings: {}, &answer)
    contacts = Array.new(count) { contact }
    @relay = AnsweringRelay.new(&answer)
    salesforce_has(*contacts, settings: { host: @relay.url, **settings }, instance_url: @relay.url)
    @relay.to(salesforce.url)
    contacts.each { |record| recorded(record["Id"], "Fax" => "1") }
  end

  def recorded(record_id, fields)
    CrmSync::OutboxRow.create!(sync: "UpdateUserSalesforceInfo", host: @relay.url, object: "Contact", record_id:,
                               fields: JSON.generate(fields))
  end

  def writing(&answer) = ->(request, pass) { answer.call(request, pass) if request.write? }

  def attempts = CrmSync::OutboxRow.order(:id).pluck(:attempts)

  def faxes = salesforce.records("Contact").map { |record| record["Fax"] }

  html = "<html>no</html>"
  # What all writes are answered, and the most requests that it may take to see that.
  everybodys = {
    "413" => [[413, html], 1], "413 with a reason" => [coded(413, "REQUEST_TOO_LARGE"), 1],
    "400 of a gateway" => [[400, html], 1], "422 of a gateway" => [[422, ""], 1],
    "403 of a firewall" => [[403, html], 2], "404 of a gateway" => [[404, html], 2],
    "411" => [[411, ""], 1], "414" => [[414, html], 1], "415" => [coded(415, "UNSUPPORTED_MEDIA_TYPE"), 1],
    "429" => [[429, "", { "Retry-After" => 0 }], 3], "431" => [[431, html], 1],
    "that the org is locked" => [coded(400, "ORG_LOCKED"), 1],
    "that there is maintenance" => [coded(500, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"), 3],
    "408" => [[408, ""], 123],
    "503 and a day to wait" => [[503, "", { "Retry-After" => (Time.now + 86_400).httpdate }], 121],
    "HTML with a good status" => [[200, html], 123], "nothing with a good status" => [[204, ""], 123],
    "an empty list" => [[200, []], 121], "null" => [[200, "null"], 123]
  }
  everybodys.each do |what, (answer, most)|
    it "counts no attempt, and is told once, where all writes get #{what}" do
      waiting(120, &writing { answer })
      expect(sync.problems).to match([/\Awrite-backs wait for the next run: Salesforce: /])
      expect(attempts).to eq([0] * 120)
      expect(@relay.writes.size).to be_between(1, 3 * most)
    end
  end

  it "counts no attempt where everything gets HTML with a good status" do
    waiting(3) { |request, _| [200, html] if request.write? || request.path.end_with?("/limits") }
    expect(sync.problems).to match([/\Awrite-backs wait for the next run: Salesforce: /])
    expect(attempts).to eq([0] * 3)
  end

  %w[INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE REQUEST_LIMIT_EXCEEDED].each do |code|
    it "counts no attempt where rows are refused with #{code}, in the middle of a list" do
      waiting(10, &writing do |request, _|
        self.class.results(request) { |place, _| self.class.refused(code) if place >= 4 }
      end)
      expect(sync.problems).to match([/\Awrite-backs wait for the next run: Salesforce: /])
      expect(attempts).to eq([0] * 6)
    end
  end

  %w[DUPLICATES_DETECTED UNABLE_TO_LOCK_ROW ENTITY_IS_DELETED INSUFFICIENT_ACCESS_OR_READONLY FIELD_INTEGRITY_EXCEPTION
     STRING_TOO_LONG].each do |code|
    it "counts it for the row that is refused with #{code}, and for no other" do
      chosen = nil
      waiting(10, &writing do |request, _|
        chosen ||= request.rows[3]["id"]
        self.class.results(request) { |_, row| self.class.refused(code, "no a@b.edu") if row["id"] == chosen }
      end)
      problems = sync.problems
      expect(problems).to match([/\Athe write-back to Contact #{chosen} did not work and will be sent again/])
      expect(problems.join).to include("no [address]").and include(code)
      expect(attempts).to eq([1])
    end
  end

  reason = ->(code, message) { { statusCode: code, message:, fields: [] } }
  { "several reasons" => [[reason["A", "one"], reason["B", "two"]], /one; two .*, A,/],
    "one that passes, one that lasts" => [[reason["UNABLE_TO_LOCK_ROW", "no"], reason["B", "two"]], /two; no .*, B,/],
    "a text for a reason" => [["no"], /failed: no/], "one reason and no list" => [{ statusCode: "A" }, /, A,/],
    "a reason that is no text" => [[{ statusCode: "A", errorCode: "A", message: { no: 1 } }], /, A,/] }
    .each do |what, (errors, told)|
    it "counts it for the row that is refused with #{what}, in one call, and tells them all" do
      chosen = nil
      waiting(10, &writing do |request, _|
        chosen ||= request.rows[3]["id"]
        self.class.results(request) { |_, row| { success: false, errors: } if row["id"] == chosen }
      end)
      expect(sync.problems).to match([match(/\Athe write-back to Contact #{chosen} did .*#{told}/)])
      expect([@relay.writes, attempts]).to eq([[10], [1]])
    end
  end

  it "sends all where only what is large is refused for its size" do
    waiting(120, &writing { |request, _| [413, html] if request.rows.size > 9 })
    expect(sync).to have_attributes(status: :unchanged, errors: [])
    expect(faxes).to eq(["1"] * 120)
  end

  [400, 403, 404, 413, 451].each do |status|
    it "counts it for the row that something on the way refuses with #{status}, where others come through" do
      waiting(20, &writing { |request, _| [status, html] if request.rows.any? { |row| row["Fax"].size > 9 } })
      CrmSync::OutboxRow.order(:id).limit(1).update_all(fields: JSON.generate("Fax" => "1" * 10))
      expect(sync.problems).to match([/did not work and will be sent again .* answers HTTP #{status} to it, and lets/])
      expect(attempts).to eq([1])
      expect(faxes.tally).to eq("1" => 19, nil => 1)
      expect(@relay.writes.size).to be < 20
    end

    it "counts it for a row that is alone, and gives it up in the end, where nothing but #{status} comes of it" do
      waiting(1, &writing { |request, _| [status, html] if request.rows.any? })
      9.times do |number|
        expect(sync.problems).to match([/did not work and will be sent again/])
        expect(attempts).to eq([number + 1])
        CrmSync::OutboxRow.update_all(next_attempt_at: nil)
      end
      expect(sync.problems).to match([/did not work and is given up/])
      expect(sync.issues.map(&:kind)).to eq([:undelivered])
    end
  end

  it "counts it for each row that is too large by itself, and sends none that is no smaller" do
    waiting(120, &writing { |request, _| [413, html] if request.rows.any? })
    expect(sync.errors.size).to eq(120)
    expect(attempts).to eq([1] * 120)
    expect(@relay.writes.size).to be < 60
  end

  it "counts it for a row that is alone, and is answered with HTML and a good status, where other answers make sense" do
    waiting(1, &writing { |request, _| [200, html] if request.rows.any? })
    expect(sync.problems).to match([/did not work and will be sent again/])
    expect(attempts).to eq([1])
  end

  it "counts no attempt of a row that is alone where all else makes no sense either" do
    waiting(1) { |request, _| [200, html] if request.write? || request.path.end_with?("/limits") }
    expect(sync.problems).to match([/\Awrite-backs wait for the next run: Salesforce: /])
    expect(attempts).to eq([0])
  end

  it "sends all where an answer is lost after the write, or is cut" do
    cut = ->(answer) { answer.sub(/content-length: /i, "Content-Length: 9") }
    lose = [->(_) { [500, html] }, ->(_) { :reset }, cut]
    waiting(120, settings: { read_timeout: 1 }, &writing { |_, pass| lose.shift&.call(pass.call) })
    expect(sync).to have_attributes(status: :unchanged, errors: [])
    expect(faxes).to eq(["1"] * 120)
  end

  { "fewer rows" => ->(rows) { rows.drop(1) }, "more rows" => ->(rows) { rows + rows.first(1) },
    "rows in another order" => :reverse.to_proc }.each do |what, change|
    it "calls nothing sent by an answer that has #{what}" do
      waiting(4, &writing do |request, _|
        [200, change.call(self.class.results(request) { nil }.last)] if request.rows.size > 1
      end)
      expect(sync).to have_attributes(status: :unchanged, errors: [])
      expect(@relay.writes).to eq([4, 1, 1, 1, 1])
      expect(faxes).to eq(["1"] * 4)
    end
  end

  it "counts no attempt where no answer has a result for each row" do
    waiting(4, &writing { [200, []] })
    expect(sync.problems).to match([/\Awrite-backs wait for the next run: .* not those of the records/])
    expect(attempts).to eq([0] * 4)
  end
end
