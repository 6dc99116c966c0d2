# frozen_string_literal: true

# The recipe gitlab_partners, letter by letter; only the alliance account has a made-up id where none is configured.
# rubocop:disable Layout/HashAlignment, Layout/LineLength
ENV["ALLIANCE_ACCOUNT_ID"] ||= "001999999999999AAA"
class PartnerSync < CrmSync::OrganizationSync
  ALLIANCE_ID = ENV["ALLIANCE_ACCOUNT_ID"].presence || raise(CrmSync::ConfigurationError, <<~TEXT.squish)
    the environment variable ALLIANCE_ACCOUNT_ID is not set. PartnerSync reads the account with this id whatever its
    type, and makes it the alliance_partner. Set it to the id of the alliance account in Salesforce, as in
    ALLIANCE_ACCOUNT_ID=0014C00000VaYfKQAV; if there is none, delete what names ALLIANCE_ID in #{__FILE__}
  TEXT

  salesforce :default
  zendesk    :global, gather: %i[global usgov]              # read both, write only the first

  accounts "Account", key: "Account_ID_18__c", also: %w[Type Partners_Partner_Status__c], where: <<~SOQL
    Account_ID_18__c = #{soql ALLIANCE_ID} OR (Type = 'Partner' AND
    Partners_Partner_Status__c IN ('Authorized') AND Partner_Track__c IN ('Open', 'Select'))
  SOQL
  organizations key: :salesforce_id, managed: { account_type: %w[alliance_partner open_partner select_partner] }

  attribute :name, from: "Name"
  field :salesforce_id,             from: "Account_ID_18__c"
  field :sfdc_short_id,             from: "Account_ID_18__c", as: :salesforce_id15
  field :account_owner,             from: "Account_Owner_Calc__c"
  field :technical_account_manager, from: "Technical_Account_Manager_Name__c"
  field :solutions_architect,       from: "Solutions_Architect_Lookup__r.Name"
  field :support_hold,              from: "Support_Hold__c"
  field :restricted_account,        from: "Restricted_Account__c", equals: "Restricted Party"
  field :org_in_escalated_state,    from: "Account_Risk_Level__c", equals: "At Risk - Escalated"
  field :account_type, first_of: {                          # first match wins
    { "Account_ID_18__c" => ALLIANCE_ID } => "alliance_partner",
    { "Partner_Track__c" => "Open" }      => "open_partner",
    { "Partner_Track__c" => "Select" }    => "select_partner"
  }

  mark :mark_for_deletion, unmark: :always, look_up: true   # or :never; what is marked is never marked again
  # mark_only_if older_than: 3.years, by: :expiration_date  # narrows only: without a readable date it is kept and reported
  outside_managed :adopt                                    # the id stands on a customer organization: update it, create none
  name_taken      :report                                   # or :adopt
  external_id     false                                     # true writes the account id there, which makes creates repeatable
end
# rubocop:enable Layout/HashAlignment, Layout/LineLength
