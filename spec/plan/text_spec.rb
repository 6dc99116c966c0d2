# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

RSpec.describe CrmSync::Plan do
  include ContactSyncWorld

  using_database :sqlite

  # The lines of the text about the issues, of a plan with contacts that say these of their faculty; "twice" is an
  # address that two of them have.
  def issues_of(*said, twice: false)
    contacts = said.map { |word| contact("#{word}@b.edu", faculty: word) }
    contacts.each { |one| linked_user(one, email: one["Email"]) }
    salesforce_has(*contacts, *(Array.new(2) { contact("twice@b.edu") } if twice))
    plan = sync_that { attribute :faculty_status, from: "Faculty_Verified__c", map: { nil => :no_faculty_info } }.plan
    plan.to_s.lines(chomp: true).drop_while { |line| !line.start_with?("  issues:") }
  end

  def names(lines) = lines.flat_map { |line| line.scan(/what "(\w+)" means/) }.flatten

  describe "#to_s" do
    it "shows all of a few issues of one kind" do
      lines = issues_of(*%w[a b c])
      expect([lines.first, names(lines), lines.size]).to eq(["  issues: 3 unknown_value", %w[a b c], 4])
    end

    it "shows some of many, and counts the others" do
      lines = issues_of(*%w[a b c d e f g h])
      expect([lines.first, names(lines).size, lines.last]).to eq(["  issues: 8 unknown_value", 6, "    … 2 more"])
    end

    it "shows as many of each kind" do
      lines = issues_of(*%w[a b c d e], twice: true)
      expect(lines.first).to include("5 unknown_value").and include("1 contested_address")
      expect([names(lines).size, lines.grep(/is claimed by/).size, lines.last]).to eq([3, 1, "    … 2 more"])
    end
  end
end
