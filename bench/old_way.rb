# frozen_string_literal: true

require "net/http"

# The way in which such a sync was done before, written anew from its description: everything into Hashes, one
# ActiveRecord object for each user, slices of 1,000 addresses. It reads as the benchmark's sync does, and is spared
# what the real one spent on wrapping each row in an object.
class OldWay
  CONTACTS = "SELECT Id, Email, Email_alt__c, Faculty_Verified__c, School_Type__c, Adoption_Status__c, " \
             "Grant_Tutor_Access__c, Account.School_Location__c, Account.K_I_P__c, Account.child_of_kip__c FROM Contact"
  LEADS = "SELECT Id, Email, Status FROM Lead WHERE (LeadSource = 'OSC Faculty')"
  FACULTY = { "Confirmed" => :confirmed_faculty, "Pending" => :pending_faculty, nil => :no_faculty_info }.freeze
  TYPES = { "College/University (4)" => :college, "High School" => :high_school, nil => :unknown_school_type }.freeze
  PLACES = { "Domestic" => :domestic_school, "Foreign" => :foreign_school }.freeze

  def initialize(host)
    @host = URI(host)
  end

  def call
    index(query(CONTACTS))
    saved = linked + by_address
    saved += by_lead(query(LEADS))
    User.where(salesforce_contact_id: nil, is_newflow: false).where.not(faculty_status: 0).update_all(faculty_status: 0)
    "#{saved} saved"
  end

  private

  def index(contacts)
    @by_id = contacts.to_h { |contact| [contact["Id"], contact] }
    @by_address = contacts.each_with_object({}) do |contact, found|
      contact.values_at("Email", "Email_alt__c").compact.each { |address| found[address.downcase.strip] ||= contact }
    end
  end

  def linked
    User.where.not(salesforce_contact_id: nil).find_each.count { |user| copy(@by_id[user.salesforce_contact_id], user) }
  end

  def by_address
    addresses = Arel::Nodes::NamedFunction.new("lower", [ContactInfo.arel_table[:value]])
    @by_address.keys.each_slice(1000).sum do |slice|
      users = User.activated.joins(:contact_infos).eager_load(:contact_infos).where(salesforce_contact_id: nil)
                  .where(addresses.in(slice)).where("contact_infos.verified OR contact_infos.is_school_issued")
      users.count { |user| copy(@by_address[user.contact_infos.first.value.downcase], user) }
    end
  end

  def by_lead(leads)
    by_address = leads.group_by { |lead| lead["Email"].to_s.downcase.strip }
    by_address.keys.each_slice(1000).sum do |slice|
      users = User.where(salesforce_contact_id: nil).joins(:contact_infos).where(contact_infos: { verified: true,
                                                                                                  value: slice })
      users.count { |user| user.update!(faculty_status: :pending_faculty) }
    end
  end

  def copy(contact, user)
    user.assign_attributes(values(contact, contact["Account"] || {}))
    newly_confirmed = user.faculty_status_changed? && user.confirmed_faculty?
    SecurityLog.create!(user:, event_type: :faculty_verified, event_data: { user_id: user.id }) if newly_confirmed
    changed = user.changed?
    user.save! if changed
    patch(contact["Id"], user.guessed_preferred_confirmed_email) if newly_confirmed
    changed
  end

  def values(contact, account)
    {
      salesforce_contact_id: contact["Id"], faculty_status: FACULTY.fetch(contact["Faculty_Verified__c"]),
      school_type: TYPES.fetch(contact["School_Type__c"], :other_school_type),
      school_location: PLACES.fetch(account["School_Location__c"], :unknown_school_location),
      using_openstax: contact["Adoption_Status__c"].start_with?("Current", "Future"),
      is_kip: account["K_I_P__c"] || account["child_of_kip__c"], grant_tutor_access: contact["Grant_Tutor_Access__c"]
    }
  end

  def patch(id, address)
    request = Net::HTTP::Patch.new("/services/data/v66.0/sobjects/Contact/#{id}", headers)
    http.request(request, JSON.generate("SendFacultyVerificationTo__c" => address))
  end

  def query(soql)
    page = get("/services/data/v66.0/query?#{URI.encode_www_form(q: soql)}")
    rows = page["records"]
    rows += (page = get(page["nextRecordsUrl"]))["records"] until page["done"]
    rows
  end

  def get(path)
    JSON.parse(http.get(path, headers).body)
  end

  def headers
    @headers ||= begin
      form = { grant_type: "client_credentials", client_id: "x", client_secret: "x" }
      token = JSON.parse(http.post("/services/oauth2/token", URI.encode_www_form(form)).body)["access_token"]
      { "Authorization" => "Bearer #{token}" }
    end
  end

  def http
    @http ||= Net::HTTP.start(@host.host, @host.port)
  end
end
