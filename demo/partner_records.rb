# frozen_string_literal: true

require_relative "made_up"

# The records that partners are made of: accounts as Salesforce has them, and organizations that agree with them. A
# class that includes it has @accounts and @organizations to put them into, @names, @ids, @owners and @architects.
module PartnerRecords
  include MadeUp

  ALLIANCE = "0014M00001sDiGEQA0"
  TRADES = %w[Consulting Systems Software Networks Cloud Security Data Labs].freeze
  TEXTS = %w[salesforce_id sfdc_short_id account_owner technical_account_manager solutions_architect].freeze
  CHECKBOXES = %w[support_hold restricted_account org_in_escalated_state mark_for_deletion].freeze
  TYPES = { "Open" => "open_partner", "Select" => "select_partner" }.freeze
  # The custom fields of the Zendesk instance.
  FIELDS = [
    *TEXTS.map { |key| { key:, type: :text } }, *CHECKBOXES.map { |key| { key:, type: :checkbox } },
    { key: "account_type", type: :dropdown, custom_field_options: [*TYPES.values, "alliance_partner", "customer"] }
  ].freeze

  private

  def person
    "#{FIRST.sample(random: @random)} #{LAST.sample(random: @random)}"
  end

  # Names are unique in Zendesk.
  def company
    loop do
      name = "#{LAST.sample(random: @random)} #{TRADES.sample(random: @random)} #{PLACES.sample(random: @random)}"
      name += " #{@random.rand(2..99)}" unless chance(0.2)
      return name if @names.add?(name)
    end
  end

  # One that is not read unless somebody puts it into Salesforce.
  def account(key = id("001", @ids += 1), **fields)
    {
      "Id" => key, "Account_ID_18__c" => key, "Name" => company, "Type" => "Partner",
      "Partners_Partner_Status__c" => "Authorized", "Partner_Track__c" => TYPES.keys.sample(random: @random),
      "Account_Owner_Calc__c" => @owners.sample(random: @random),
      "Technical_Account_Manager_Name__c" => (person if chance(0.3)),
      "Solutions_Architect_Lookup__c" => (@architects.sample(random: @random)["Id"] if chance(0.3)),
      "Restricted_Account__c" => ("Restricted Party" if chance(0.02)), "Support_Hold__c" => chance(0.03),
      "Account_Risk_Level__c" => chance(0.04) ? "At Risk - Escalated" : "Low", **fields.transform_keys(&:to_s)
    }
  end

  def in_salesforce(*key, **fields)
    account(*key, **fields).tap { |account| accounts << account }
  end

  # The organization that is in agreement with an account, but for some fields.
  def organization(account, **fields)
    values = { **texts(account), **checkboxes(account), "account_type" => type(account) }
    organizations << { "id" => 6_000_000 + organizations.size, "name" => account["Name"],
                       "organization_fields" => values.merge(fields.transform_keys(&:to_s)) }
  end

  def texts(account)
    architect = @architects.find { |user| user["Id"] == account["Solutions_Architect_Lookup__c"] }
    { "salesforce_id" => account["Id"], "sfdc_short_id" => account["Id"][0, 15],
      "account_owner" => account["Account_Owner_Calc__c"],
      "technical_account_manager" => account["Technical_Account_Manager_Name__c"],
      "solutions_architect" => architect&.fetch("Name") }
  end

  def checkboxes(account)
    { "support_hold" => account["Support_Hold__c"],
      "restricted_account" => account["Restricted_Account__c"] == "Restricted Party",
      "org_in_escalated_state" => account["Account_Risk_Level__c"] == "At Risk - Escalated" }
  end

  def type(account)
    account["Id"] == ALLIANCE ? "alliance_partner" : TYPES[account["Partner_Track__c"]]
  end
end
