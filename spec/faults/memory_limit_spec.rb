# frozen_string_literal: true

require "rails_helper"

# Small answers can unpack to a lot; what a sync keeps of them is bounded over all pages.
RSpec.describe CrmSync::ContactSync do
  using_database :sqlite

  def simulate_long_texts(count, length, **options, &)
    rows = contacts(count).each_with_index.map { |row, n| { **row, "Email" => "#{n}#{"a" * length}@example.edu" } }
    settings = { max_page_bytes: 1024 * 1024, concurrency: 1 }
    simulate(records: { "Contact" => rows, "Lead" => [] }, page_size: 2, settings:, **options, &)
  end

  it "refuses pages that are each small enough, and together are not" do
    create_teachers(1)
    before = everything
    simulate_long_texts(24, 400_000) do |salesforce|
      expect { small_sync("User").plan }
        .to raise_error(CrmSync::RemoteError, /512 bytes of text each and 4 MiB beside it; raise `max_page_bytes`/)
      pages = salesforce.requests.count { |request| request["path"].include?("/query") }
      expect(pages).to be < 12
    end
    expect(everything).to eq(before)
  end

  it "takes many rows of a usual size, whatever they are together" do
    create_teachers(1)
    simulate_long_texts(10_000, 450, page_size: 1_000) do
      expect(small_sync("User").plan.ledger[:contacts].rows).to eq(10_000)
    end
  end
end
