# frozen_string_literal: true

require "spec_helper"
require "json"

# A column may hold bytes, for which JSON has no spelling.
RSpec.describe CrmSync::PlanDigest do
  def digest(note)
    change = CrmSync::Change.new(action: :update, key: 1, before: {}, after: { note: }, reason: "", budgets: [])
    described_class.of([change])
  end

  it "takes bytes that are UTF-8 for that text, without a warning" do
    expect { expect(digest("Zoë".b)).to eq(digest("Zoë")) }.not_to output.to_stderr
  end

  it "tells bytes that are no text apart from each other" do
    expect { expect(digest("\xFF".b)).not_to eq(digest("\xFE".b)) }.not_to output.to_stderr
  end

  it "takes text of another encoding for that text" do
    expect(digest("Ã©".encode(Encoding::ISO_8859_1))).to eq(digest("Ã©"))
  end
end
