# frozen_string_literal: true

require "spec_helper"
require "crm_sync"

RSpec.describe CrmSync::Diagnosis do
  def finding(level, message, topic: "fields") = described_class::Finding.new(level, topic, message)

  let(:diagnosis) do
    described_class.new("TeacherSync", [finding(:ok, "right"), finding(:warning, "slow", topic: "indexes"),
                                        finding(:problem, "a.rb:1: no\na.rb:2: neither")])
  end

  it "is healthy without problems, whatever the warnings" do
    expect(diagnosis).not_to be_healthy
    expect(described_class.new("TeacherSync", diagnosis.findings.first(2))).to be_healthy
    expect([diagnosis.problems.size, diagnosis.warnings.map(&:topic)]).to eq([1, ["indexes"]])
  end

  it "has a line for each finding, and for each line of a message" do
    expect(diagnosis.to_s).to eq(<<~TEXT.chomp)
      TeacherSync: 1 problem, 1 warning
        ok       fields       right
        warning  indexes      slow
        problem  fields       a.rb:1: no
                              a.rb:2: neither
    TEXT
  end

  it "is data for machines" do
    expect(diagnosis.as_json["healthy"]).to be(false)
    expect(diagnosis.as_json["findings"].last)
      .to eq("level" => "problem", "topic" => "fields", "message" => "a.rb:1: no a.rb:2: neither")
    expect(diagnosis.warnings.first.inspect).to eq("#<CrmSync::Diagnosis::Finding warning: indexes: slow>")
    expect(diagnosis.inspect).to eq("#<CrmSync::Diagnosis TeacherSync: 1 problem, 1 warning>")
  end
end
