# frozen_string_literal: true

require "spec_helper"
require "crm_sync"

RSpec.describe CrmSync::Presentable do
  it "hides addresses, whatever stands around them" do
    ["ann@b.edu", "<ann@b.edu>", "(value)=(ann@b.edu)", "mailto:ann@b.edu,", "ann@@b.edu", '"ann"@b.edu', "é@ü.example",
     "ann@[10.0.0.1]"].each do |text|
      expect(described_class.text("so #{text} says")).to eq("so [address] says")
    end
  end

  it "leaves an @ that is none of an address" do
    ["from 8 @ noon", "@user, (@user) and <@user>", "a@", "@", "@@class_variable", "an @: or (@)"].each do |text|
      expect(described_class.text(text)).to eq(text)
    end
  end
end
