# frozen_string_literal: true

# The audit trail: written once, never changed.
class SecurityLog < ApplicationRecord
  choices :event_type, faculty_verified: 43, salesforce_updated_faculty_status: 81,
                       user_contact_id_updated_from_salesforce: 100
  attribute :event_data, :json

  belongs_to :user, optional: true, inverse_of: :security_logs
  belongs_to :application, optional: true

  def readonly?
    persisted?
  end
end
