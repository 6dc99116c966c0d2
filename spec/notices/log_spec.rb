# frozen_string_literal: true

require "spec_helper"
require "logger"
require_relative "../support/simulated"
require "crm_sync/testing"

RSpec.describe CrmSync::Log do
  # The texts of the lines, without what the logger puts before them.
  def lines(&)
    logged(&).lines(chomp: true).map { |line| line[/ -- : (.*)/, 1] }
  end

  it "has the name before each line" do
    expect(lines { described_class.new("TeacherSync").info("Salesforce: signed in") })
      .to eq(["TeacherSync: Salesforce: signed in"])
  end

  it "does not say a service twice that the name has already" do
    log = described_class.new("Salesforce marketing", service: "Salesforce")
    expect(lines { ["Salesforce: signed in", "the session is old"].each { |text| log.info(text) } })
      .to eq(["Salesforce marketing: signed in", "Salesforce marketing: the session is old"])
  end

  it "says once that a client has signed in, and what it reads" do
    CrmSync::Testing::Salesforce.start(records: { "Contact" => [{}] }) do
      said = lines { CrmSync::Salesforce.client.query("SELECT Id FROM Contact").count }
      expect(said).to eq(["Salesforce simulator: signed in", "Salesforce: the query on Contact: 1 row"])
    end
  end
end
