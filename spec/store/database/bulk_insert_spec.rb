# frozen_string_literal: true

require "rails_helper"

# Rows that cross as an array for each column.
RSpec.describe CrmSync::Database::BulkInsert do
  using_database :postgresql

  let(:times) { { created_at: Time.utc(2022, 2, 24, 4, 30, 1, 123_456), updated_at: Time.utc(2022) } }

  def write_back(id, **columns)
    { sync: "S", host: "h", object: "Contact", record_id: id, fields: "{}", cause: nil, attempts: 0, **times,
      **columns }
  end

  def insert(*rows)
    described_class.new(CrmSync::OutboxRow).insert(rows)
  end

  it "leaves what insert_all! leaves, in the same order" do
    odd = ["a,b", "{\"\\}", "NULL", "", "ü\n'", "1"]
    rows = odd.each_with_index.map { |text, n| write_back(text, fields: text, cause: (text if n.odd?), attempts: n) }
    insert(*rows)
    CrmSync::OutboxRow.insert_all!(rows)
    ours, rails = CrmSync::OutboxRow.order(:id).map { |row| row.attributes.except("id") }.each_slice(odd.size).to_a
    expect(ours).to eq(rails)
    expect(ours.first).to include("created_at" => times[:created_at], "next_attempt_at" => nil)
  end

  it "inserts rows that are all alike" do
    row = write_back("1")
    insert(row, row)
    expect(CrmSync::OutboxRow.pluck(:record_id, :fields)).to eq([["1", "{}"]] * 2)
  end

  it "fails as Rails does, and does not cut off what is too long for its column" do
    expect { insert(write_back(nil)) }.to raise_error(ActiveRecord::NotNullViolation)
    ActiveRecord::Base.transaction do
      CrmSync::OutboxRow.connection.change_column(:crm_sync_outbox, :record_id, :string, limit: 3)
      expect { insert(write_back("0034")) }.to raise_error(ActiveRecord::ValueTooLong)
      raise ActiveRecord::Rollback
    end
  end

  it "is seen by a host that caches its queries" do
    counts = CrmSync::OutboxRow.cache { Array.new(2) { CrmSync::OutboxRow.count.tap { insert(write_back("1")) } } }
    expect(counts).to eq([0, 1])
  end

  it "writes no value into the log" do
    text = StringIO.new
    before = ActiveRecord::Base.logger
    ActiveRecord::Base.logger = Logger.new(text)
    insert(write_back("1", fields: "ann@b.edu"))
    expect(text.string).not_to include("ann@b.edu")
  ensure
    ActiveRecord::Base.logger = before
  end
end
