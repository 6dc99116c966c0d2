# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "support/contact_sync_world"
require "support/linked_teachers"
require "support/partner_world"

# Covers jumps in a source that do not go so far that they block.
RSpec.describe "Source drift" do
  include ActiveSupport::Testing::TimeHelpers

  after { travel_back }

  def drift(plan_or_run)
    plan_or_run.issues.select { |issue| issue.kind == :source_drift }.map(&:message)
  end

  describe "of a contact sync" do
    include ContactSyncWorld
    include LinkedTeachers

    using_database :sqlite

    # Links the teachers by a first run.

    def edit(rows, count, **fields)
      salesforce_has(*rows.each_with_index.map { |row, n| n < count ? row.merge(fields.transform_keys(&:to_s)) : row })
    end

    def allow_all
      { clear: 99, demote: 99 }
    end

    it "tells of a privileged field that is filled in less than half as often, and blocks nothing" do
      rows = linked_teachers(12)
      edit(rows, 6, Faculty_Verified__c: nil)
      expect(drift(UpdateUserSalesforceInfo.plan)).to eq([])
      edit(rows, 7, Faculty_Verified__c: nil)
      run = sync(allow: allow_all)
      expect(run.status).to eq(:applied)
      expect(drift(run)).to match([/\Aonly 5 of 12 contacts have Faculty_Verified__c; it was 12 of 12\. Look whether/])
    end

    it "tells of a field of addresses, for users too" do
      rows = linked_teachers(12)
      edit(rows, 7, Email: nil)
      ContactInfo.limit(7).update_all(verified: false)
      expect(drift(UpdateUserSalesforceInfo.plan)).to match([/only 5 of 12 contacts have Email/,
                                                             /only 5 of 12 users have a trusted address/])
    end

    it "tells of leads" do
      leads = Array.new(12) { |n| lead("lead#{n}@b.edu") }
      salesforce_has(*leads)
      sync
      edit(leads, 7, Email: nil)
      expect(drift(UpdateUserSalesforceInfo.plan)).to match([/only 5 of 12 leads have Email/])
    end

    it "says nothing of few rows" do
      rows = linked_teachers(6)
      edit(rows, 4, Faculty_Verified__c: nil)
      expect(drift(UpdateUserSalesforceInfo.plan)).to eq([])
    end

    it "tells it for a day, as long as it is so" do
      rows = linked_teachers(12)
      edit(rows, 7, Faculty_Verified__c: nil)
      2.times { expect(drift(sync(allow: allow_all)).size).to eq(1) }
      edit(rows, 3, Faculty_Verified__c: nil)
      expect(drift(UpdateUserSalesforceInfo.plan)).to eq([])
      travel(25.hours)
      edit(rows, 7, Faculty_Verified__c: nil)
      expect(drift(UpdateUserSalesforceInfo.plan)).to eq([])
    end

    it "tells of values that are not known any more, where they are many" do
      rows = linked_teachers(60)
      edit(rows, 3, Faculty_Verified__c: "Verified")
      expect(drift(sync)).to eq([])
      edit(rows, 5, Faculty_Verified__c: "Verified; means for x;")
      run = sync
      expect(run.status).to eq(:unchanged)
      expect(drift(run)).to match([/\A5 of 60 contacts have a value for faculty_status .* not known; it was 3 of 60/])
      expect(drift(sync).size).to eq(1)
    end
  end

  describe "of an organization sync" do
    include PartnerWorld

    using_database :sqlite

    def edit(count, **fields)
      salesforce.replace("Account", (1..12).map { |n| n <= count ? account(n, **fields) : account(n) })
    end

    before { partners((1..12).map { |n| account(n) }, (1..12).map { |n| organization(n) }) }

    # The partners, whatever their type.
    def any_type
      partners_with { accounts "Account", key: "Account_ID_18__c", also: declaration.accounts.also }
    end

    it "tells of a field that matters and is filled in less than half as often" do
      sync = any_type
      sync.call
      edit(7, Type: nil)
      run = sync.call
      expect(run.status).to eq(:unchanged)
      expect(drift(run)).to match([/\Aonly 5 of 12 accounts have Type; it was 12 of 12/])
    end

    it "tells of organizations" do
      PartnerSync.call
      zendesk.replace((1..12).map { |n| n < 8 ? organization(n, account_type: nil) : organization(n) })
      expect(drift(PartnerSync.plan)).to match([/only 5 of 12 organizations have organization_fields.account_type/])
    end

    # The owner is one of two, and all partners are Ann's.
    def owners_to_choose_from
      owners = { key: "account_owner", type: :dropdown, custom_field_options: %w[ann bob] }
      definitions = organization_fields.map { |field| field[:key] == owners[:key] ? owners : field }
      organizations = (1..12).map { |n| organization(n, account_owner: "ann") }
      zendesk.stop
      @zendesk = CrmSync::Testing::Zendesk.start(organizations:, organization_fields: definitions, clock_speed: 50)
      @simulators << @zendesk
      edit(12, Account_Owner_Calc__c: "ann")
    end

    it "tells of options that Zendesk does not know, also by stages" do
      owners_to_choose_from
      PartnerSync.call
      edit(12, Account_Owner_Calc__c: "cy")
      dir = File.join(scratch, "stages")
      %i[gather_accounts gather_organizations].each { |stage| PartnerSync.public_send(stage, dir:) }
      told = /\A12 of 12 accounts have a value for organization_fields.account_owner that is not known; it was 0 of 12/
      expect(drift(PartnerSync.compare(dir:))).to match([told])
      expect(drift(PartnerSync.apply(dir:))).to match([told])
      expect(drift(PartnerSync.call)).to match([told])
    end
  end
end
