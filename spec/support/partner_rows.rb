# frozen_string_literal: true

# Accounts and organizations as Salesforce and Zendesk write them.
module PartnerRows
  # @return [String] the id of an account, in 18 characters
  def account_id(number)
    format("001%012dAAA", number)
  end

  # An account that the declaration takes for a partner.
  def account(number, **others)
    {
      "Id" => account_id(number), "Account_ID_18__c" => account_id(number), "Name" => "Partner #{number}",
      "Type" => "Partner", "Partners_Partner_Status__c" => "Authorized", "Partner_Track__c" => "Open",
      "Account_Owner_Calc__c" => "Owner #{number % 7}", "Technical_Account_Manager_Name__c" => nil,
      "Restricted_Account__c" => nil, "Solutions_Architect_Lookup__c" => nil, "Support_Hold__c" => false,
      "Account_Risk_Level__c" => "Low", **others.transform_keys(&:to_s)
    }
  end

  # The organization that the sync would make of that account.
  def organization(number, id: 1_000 + number, name: "Partner #{number}", **fields)
    { "id" => id, "name" => name, "organization_fields" => {
      "salesforce_id" => account_id(number), "sfdc_short_id" => account_id(number)[0, 15],
      "account_owner" => "Owner #{number % 7}", "account_type" => "open_partner", **fields.transform_keys(&:to_s)
    } }
  end
end
