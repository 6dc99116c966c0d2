# frozen_string_literal: true

require "crm_sync/testing"
require_relative "partner_rows"
require_relative "scratch"
require_relative "../dummy/app/routines/partner_sync"

# Partners in a Salesforce and a Zendesk on loopback, for the sync that the recipe gitlab_partners declares.
module PartnerWorld
  include PartnerRows

  ALLIANCE = PartnerSync::ALLIANCE_ID
  TEXTS = %w[salesforce_id sfdc_short_id account_owner technical_account_manager solutions_architect
             expiration_date].freeze
  CHECKBOXES = %w[support_hold restricted_account org_in_escalated_state mark_for_deletion ignore_deletion].freeze
  TYPES = %w[alliance_partner open_partner select_partner customer].freeze

  def organization_fields
    texts = TEXTS.map { |key| { key:, type: :text } }
    boxes = CHECKBOXES.map { |key| { key:, type: :checkbox } }
    [*texts, *boxes, { key: "account_type", type: :dropdown, custom_field_options: TYPES }]
  end

  # Both simulators, for the length of an example; called again, two more. Accounts that organizations stand for, and
  # that are not there, were deleted, but for those that have vanished without a trace.
  def partners(accounts, organizations, vanished: [], salesforce: {}, zendesk: {})
    deleted = deleted_accounts(accounts, organizations, vanished)
    @salesforce = CrmSync::Testing::Salesforce.start(
      records: { "Account" => accounts + deleted, "User" => [] }, fields: account_fields, **salesforce
    )
    @zendesk = CrmSync::Testing::Zendesk.start(
      organizations:, organization_fields:, clock_speed: 50, job_seconds: 2, **zendesk
    )
    (@simulators ||= []).push(@salesforce, @zendesk)
  end

  # A sync of the same partners, declared with more words.
  def partners_with(name = "VariantSync", &)
    sync = stub_const(name, Class.new(PartnerSync))
    sync.class_exec(&)
    sync
  end

  # Puts accounts in the place of all that are there; others that organizations stand for are deleted.
  def others_deleted(accounts)
    salesforce.replace("Account", accounts + deleted_accounts(accounts, zendesk.organizations, []))
  end

  attr_reader :salesforce, :zendesk

  # @return [Hash{String => Hash}] the organizations by the account that they stand for
  def by_account
    zendesk.organizations.group_by { |row| row["organization_fields"]["salesforce_id"] }
  end

  # @return [Hash{String => Object}] the custom fields of the one organization of an account
  def fields_of(number)
    by_account.fetch(account_id(number)).first["organization_fields"]
  end

  # Requests that write.
  def writes
    zendesk.requests.reject { |request| request["method"] == "GET" || request["path"].include?("oauth") }
  end

  def self.included(group)
    group.before do
      CrmSync.configuration.state_dir = File.join(scratch, "state")
      # Rows that other specs of this process have left in a database would be these partners' past.
      Databases.empty if defined?(Databases) && Databases.url
    end
    group.after do
      @simulators&.each(&:stop) # also those that others took the place of
      CrmSync.configuration.state_dir = nil
    end
  end

  private

  def deleted_accounts(accounts, organizations, vanished)
    keys = organizations.map { |row| row["organization_fields"].to_h["salesforce_id"].to_s[0, 15] }
    numbers = keys.uniq.grep(/\A001\d{12}\z/) { |key| key[3..].to_i }
    there = accounts.to_set { |row| row["Id"] }
    ids = (numbers - vanished).map { |number| account_id(number) }.reject { |id| there.include?(id) }
    ids.map { |id| { "Id" => id, "IsDeleted" => true } }
  end

  def account_fields
    { "Account" => account(1).keys }
  end
end
