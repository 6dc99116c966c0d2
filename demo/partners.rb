# frozen_string_literal: true

require_relative "partner_records"

# Made-up partners: what Salesforce knows of some thousands of them, and the organizations that they are in Zendesk,
# among many customers. The same seed gives the same partners.
class Partners
  include PartnerRecords

  # The number of partners of each kind; the methods at the end of the class say what they are.
  COUNTS = {
    customer: 17_000, in_agreement: 490, new_owner: 2_400, new_partner: 120, risen: 15, was_customer: 12, gone: 40,
    now_customer: 20, back: 25, marked_already: 10, name_of_a_customer: 3, twice_in_zendesk: 2, without_id: 3
  }.freeze

  attr_reader :accounts, :organizations

  def initialize(seed: 2026)
    @random = Random.new(seed)
    @ids = 0
    @names = Set.new
    @owners = Array.new(12) { person }
    @architects = Array.new(20) { |number| { "Id" => id("005", number), "Name" => person } }
    @accounts = []
    @deleted = []
    @organizations = []
    alliance
    COUNTS.flat_map { |kind, count| [kind] * count }.shuffle(random: @random).each { |kind| send(kind) }
  end

  # @return [Hash{String => Array<Hash>}] as the simulator takes them
  def salesforce
    { "Account" => accounts + @deleted, "User" => @architects }
  end

  private

  # Read whatever its type.
  def alliance
    organization(in_salesforce(ALLIANCE, Type: "Technology", Partner_Track__c: nil))
  end

  def customer
    organization(account, account_type: "customer")
  end

  def in_agreement
    organization(in_salesforce)
  end

  # The sales regions were cut anew.
  def new_owner
    organization(in_salesforce, account_owner: person)
  end

  def new_partner
    in_salesforce
  end

  # A partner who rose from open to select.
  def risen
    organization(in_salesforce(Partner_Track__c: "Select"), account_type: "open_partner")
  end

  # The account became a partner; its organization is that of a customer still.
  def was_customer
    organization(in_salesforce, account_type: "customer")
  end

  def gone
    organization(account.tap { |account| @deleted << { **account, "IsDeleted" => true } })
  end

  # The account is there, but no partner any more.
  def now_customer
    organization(in_salesforce(Type: "Customer"), account_type: "open_partner")
  end

  def back
    organization(in_salesforce, mark_for_deletion: true)
  end

  def marked_already
    organization(account, mark_for_deletion: true)
  end

  # Names are unique in Zendesk, not in Salesforce.
  def name_of_a_customer
    customer
    in_salesforce(Name: organizations.last["name"].upcase)
  end

  def twice_in_zendesk
    partner = in_salesforce
    organization(partner)
    organization({ **partner, "Name" => company })
  end

  # Somebody made the organization by hand.
  def without_id
    organization(account, salesforce_id: nil, sfdc_short_id: nil)
  end
end
