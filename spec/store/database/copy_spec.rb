# frozen_string_literal: true

require "rails_helper"

# Rows that cross by COPY, past Rails.
RSpec.describe CrmSync::Database::Copy do
  using_database :postgresql

  let(:connection) { ActiveRecord::Base.connection }
  let(:copy) { described_class.through(connection) }

  # In a transaction, as always, that leaves nothing.
  around do |example|
    ActiveRecord::Base.transaction do
      connection.execute("CREATE TEMPORARY TABLE few (number integer CHECK (number < 10), name text, raw bytea)")
      example.run
      raise ActiveRecord::Rollback
    end
  end

  def rows
    connection.select_rows("SELECT number, name, encode(raw, 'hex') FROM few ORDER BY number")
  end

  it "takes what would end a column or a row, and other encodings" do
    bytes = ActiveModel::Type::Binary::Data.new("\x00\\\n\xff".b)
    copy.fill("few", [[1, "a\tb\nc\\.\r\\N", bytes], [2, "ü".encode("ISO-8859-1"), nil], [nil, "", nil]])
    expect(rows).to eq([[1, "a\tb\nc\\.\r\\N", "005c0aff"], [2, "ü", nil], [nil, "", nil]])
  end

  it "fails with an error of Rails' that has no value in it" do
    expect { copy.fill("few", [[70, "ann@b.edu", nil]]) }.to raise_error(ActiveRecord::StatementInvalid) do |error|
      expect(error.message).to eq("PG::CheckViolation, in a COPY")
    end
  end

  # Ctrl-C knows no mask.
  it "leaves a connection that can be used where an interrupt comes between two of its steps" do
    raw = CrmSync::Database::Driver.raw(connection)
    allow(raw).to receive(:sync_put_copy_data).and_raise(Interrupt)
    write = -> { CrmSync::Database.transaction(connection) { copy.fill("few", [[1, "Ann", nil]]) } }
    expect(&write).to raise_error(Interrupt)
    expect(rows).to eq([])
  end
end
