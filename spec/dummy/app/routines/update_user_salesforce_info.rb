# frozen_string_literal: true

# The recipe openstax_accounts, letter by letter; only the mail at the end got its subject and recipients.
# rubocop:disable Layout/ExtraSpacing, Layout/HashAlignment, Layout/LineLength
class UpdateUserSalesforceInfo < CrmSync::ContactSync
  contacts "Contact"
  leads    "Lead", where: "LeadSource = 'OSC Faculty'"

  model "User", foreign_key: :salesforce_contact_id
  match_by :contact_infos, column: :value, to: %w[Email Email_alt__c], leads: %w[Email] do
    trust :verified                            # scopes of ContactInfo, strongest first
    trust :school_issued, matches: :contacts   # a claim: links as the seed says, never against a verified address
  end
  link_when      :activated                    # scope of User
  shared_contact :hold                         # or :link, as the old routine did

  attribute :faculty_status, from: "Faculty_Verified__c", privileged: :confirmed_faculty,   # leaving it is a demotion
            map: { "Confirmed" => :confirmed_faculty, "Pending" => :pending_faculty,
                   /Rejected/ => :rejected_faculty, nil => :no_faculty_info }               # anything else: quarantined
  attribute :school_type, from: "School_Type__c", otherwise: :other_school_type,
            map: { ["College/University (4)", "Technical/Community College (2)", "Career School/For-Profit (2)"] => :college,
                   "High School" => :high_school, "K-12 School" => :k12_school, "Home School" => :home_school,
                   nil => :unknown_school_type }
  attribute :school_location, from: "Account.School_Location__c", otherwise: :unknown_school_location,
            map: { "Domestic" => :domestic_school, "Foreign" => :foreign_school }
  attribute :using_openstax, from: "Adoption_Status__c", blank: :keep,
            map: { ["Current Adopter", "Future Adopter"] => true, ["Past Adopter", "Not Adopter"] => false }
  attribute :is_kip, any_of: %w[Account.K_I_P__c Account.child_of_kip__c]                   # nil without an Account
  attribute :grant_tutor_access, from: "Grant_Tutor_Access__c"

  contact_missing set: { faculty_status: :no_faculty_info, school_type: :unknown_school_type,
                         school_location: :unknown_school_location }
  lead_status from: "Status", trust: :verified, scope: :legacy do                           # scope of User
    all "Converted", set: { faculty_status: :rejected_faculty }
    otherwise        set: { faculty_status: :pending_faculty }
  end
  unmatched set: { faculty_status: :no_faculty_info }, scope: :legacy

  budget :reject, faculty_status: :rejected_faculty                                          # beside unlink, relink, demote, …

  after_transition :faculty_status, to: :confirmed_faculty do |user, change|                # in the same transaction
    SecurityLog.create!(user: user, event_type: :faculty_verified, event_data: change.audit)
  end
  write_back "SendFacultyVerificationTo__c", with: :guessed_preferred_confirmed_email,      # outbox; a nil is not sent
             on: { faculty_status: :confirmed_faculty }

  report_problems only_if: -> { Settings::Salesforce.user_info_error_emails_enabled } do |run|   # asked with allow_error_email: true
    DevMailer.inspect_object(object: run.problems, subject: "(#{Rails.env}) UpdateUserSalesforceInfo errors",
                             to: Rails.configuration.x.salesforce_mail_recipients).deliver_later
  end
end
# rubocop:enable Layout/ExtraSpacing, Layout/HashAlignment, Layout/LineLength
