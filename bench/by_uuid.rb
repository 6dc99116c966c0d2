# frozen_string_literal: true

# The benchmark's sync, matched by the users' UUIDs in the place of their addresses.
class ByUuid < UpdateUserSalesforceInfo
  match_by :uuid, to: "Accounts_UUID__c", leads: "Accounts_UUID__c", as: :uuid
  lead_status from: "Status", trust: :all, scope: :legacy do
    all "Converted", set: { faculty_status: :rejected_faculty }
    otherwise        set: { faculty_status: :pending_faculty }
  end
end
