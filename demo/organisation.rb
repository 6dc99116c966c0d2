# frozen_string_literal: true

require_relative "made_up"

# A made-up organisation: what Salesforce knows of some thousands of teachers, and the users that they are in the app.
# The same seed gives the same people.
class Organisation # rubocop:disable Metrics/ClassLength -- a few lines for each kind of person that there is
  include MadeUp

  KINDS = %w[College High Academy Institute University].freeze

  # Pairs of what Salesforce says of a teacher and what the user is then.
  PROFILES = [
    [{ "Faculty_Verified__c" => "Confirmed", "School_Type__c" => "College/University (4)",
       "Adoption_Status__c" => "Current Adopter" },
     { faculty_status: :confirmed_faculty, school_type: :college, using_openstax: true }],
    [{ "Faculty_Verified__c" => "Confirmed", "School_Type__c" => "High School",
       "Adoption_Status__c" => "Past Adopter" },
     { faculty_status: :confirmed_faculty, school_type: :high_school, using_openstax: false }],
    [{ "Faculty_Verified__c" => "Pending", "School_Type__c" => "K-12 School",
       "Adoption_Status__c" => "Future Adopter" },
     { faculty_status: :pending_faculty, school_type: :k12_school, using_openstax: true }],
    [{ "Faculty_Verified__c" => "Rejected2", "School_Type__c" => "Language School",
       "Adoption_Status__c" => "Not Adopter" },
     { faculty_status: :rejected_faculty, school_type: :other_school_type, using_openstax: false }]
  ].freeze

  # The number of people of each kind; the methods at the end of the class say what they are.
  PEOPLE = {
    in_agreement: 2_150, moved_on: 130, new_teacher: 185, by_alternate_address: 35, by_claim: 25,
    claim_of_anothers_address: 3, merged: 6, gone: 8, contested: 4, two_contacts: 3, shared: 2, unknown_value: 4,
    protected_status: 3, parent_not_there: 5, converted_leads: 30, open_leads: 60, leads_of_newflow: 10,
    stale_status: 5, not_yet_activated: 30, nobodys_lead: 290, nobodys_contact: 400, no_teacher: 1_290
  }.freeze

  attr_reader :accounts, :contacts, :leads, :users, :emails

  def initialize(seed: 2020)
    @random = Random.new(seed)
    @people = 0
    @accounts = Array.new(300) { |number| account(number) }
    @contacts = []
    @leads = []
    @users = []
    @emails = []
    PEOPLE.flat_map { |kind, count| [kind] * count }.shuffle(random: @random).each { |kind| send(kind) }
  end

  # @return [Hash{String => Array<Hash>}] as the simulator takes them
  def salesforce
    { "Account" => accounts, "Contact" => contacts.shuffle(random: @random), "Lead" => leads.shuffle(random: @random) }
  end

  # Puts the users into the database; insert_all of Rails 6.1 takes an enum's symbol for 0, so the values are cast here.
  def save
    { User => users, ContactInfo => emails }.each do |model, rows|
      types = model.attribute_types
      cast = rows.map { |row| row.to_h { |name, value| [name, types[name.to_s].serialize(value)] } }
      cast.each_slice(500) { |slice| model.insert_all!(slice) }
    end
  end

  private

  # --- What there is.

  def person
    @people += 1
    first = FIRST.sample(random: @random)
    last = LAST.sample(random: @random)
    account = accounts.sample(random: @random)
    address = "#{first}.#{last}#{@people}@#{account["Website"]}".downcase
    { name: "#{first} #{last}", address:, account:, profile: PROFILES.sample(random: @random) }
  end

  def account(number)
    place = PLACES.sample(random: @random)
    { "Id" => id("001", number), "Name" => "#{place} #{KINDS.sample(random: @random)}",
      "School_Location__c" => chance(0.8) ? "Domestic" : "Foreign", "K_I_P__c" => chance(0.05),
      "child_of_kip__c" => chance(0.05), "Website" => "#{place.downcase}#{number}.example" }
  end

  def contact(person, **fields)
    row = { "Id" => id("003", contacts.size), "Name" => person[:name], "AccountId" => person[:account]["Id"],
            "Email" => person[:address], "Email_alt__c" => nil, "Grant_Tutor_Access__c" => nil,
            **person[:profile].first }
    row.merge!(fields.transform_keys(&:to_s))
    contacts << row
    row
  end

  def lead(person, status: "Working")
    leads << { "Id" => id("00Q", leads.size), "Email" => person[:address], "Status" => status,
               "LeadSource" => "OSC Faculty" }
  end

  def user(person, address: person[:address], verified: true, claimed: nil, **columns)
    key = users.size + 1
    users << { id: key, name: person[:name], state: "activated", is_newflow: false, salesforce_contact_id: nil,
               faculty_status: :no_faculty_info, school_type: :unknown_school_type, using_openstax: false, is_kip: nil,
               school_location: :unknown_school_location, **columns }
    emails << { user_id: key, value: address, verified:, is_school_issued: claimed }
    users.last
  end

  # The columns of somebody who is linked and in agreement.
  def columns(person, contact)
    location, *kip = person[:account].values_at("School_Location__c", "K_I_P__c", "child_of_kip__c")
    { **person[:profile].last, salesforce_contact_id: contact["Id"], is_kip: kip.any?,
                               school_location: location == "Domestic" ? :domestic_school : :foreign_school }
  end

  # --- Whom there is, for each rule.

  def in_agreement
    teacher = person
    user(teacher, **columns(teacher, contact(teacher)))
  end

  def moved_on
    teacher = person
    contact = contact(teacher)
    was = { **columns(teacher, contact), using_openstax: !teacher[:profile].last[:using_openstax] }
    was[:faculty_status] = :pending_faculty if chance(0.5)
    user(teacher, **was)
  end

  def new_teacher
    teacher = person
    contact(teacher)
    user(teacher, address: chance(0.3) ? " #{teacher[:address].capitalize}" : teacher[:address])
  end

  def by_alternate_address
    teacher = person
    contact(teacher, Email: "office.#{teacher[:address]}", Email_alt__c: teacher[:address])
    user(teacher)
  end

  def by_claim
    teacher = person
    contact(teacher)
    user(teacher, verified: false, claimed: true)
  end

  # Somebody claims the address that another has verified: that counts for nothing.
  def claim_of_anothers_address
    teacher = person
    contact(teacher)
    user(teacher)
    user({ **person, address: teacher[:address] }, verified: false, claimed: true)
  end

  # Linked to a contact that is gone, while another has the address.
  def merged
    teacher = person
    gone = id("003", 900_000 + users.size)
    contact(teacher)
    user(teacher, **columns(teacher, { "Id" => gone }))
  end

  def gone
    teacher = person
    user(teacher, **columns(teacher, { "Id" => id("003", 900_000 + users.size) }))
  end

  # An address on two contacts: who is linked stays, who is not must wait.
  def contested
    teacher = person
    linked = contact(teacher)
    contact(person, Email_alt__c: teacher[:address].upcase)
    user(person, **columns(teacher, linked))
    user(teacher)
  end

  # One user, two contacts.
  def two_contacts
    teacher = person
    contact(teacher)
    other = contact(person)
    user(teacher)
    emails << { user_id: users.size, value: other["Email"], verified: true, is_school_issued: nil }
  end

  # One contact, two users.
  def shared
    teacher = person
    contact(teacher)
    2.times { user(teacher) }
  end

  def unknown_value
    teacher = person
    user(teacher, **columns(teacher, contact(teacher, Faculty_Verified__c: "Ask Kim")))
  end

  def protected_status
    teacher = { **person, profile: PROFILES.first }
    user(teacher, **columns(teacher, contact(teacher, Faculty_Verified__c: "Pending")))
  end

  # The contact names an account that is not there: unknown is not empty, so what comes from the account stays.
  def parent_not_there
    teacher = person
    user(teacher, **columns(teacher, contact(teacher, AccountId: id("001", 800_000 + users.size))))
  end

  def converted_leads(**columns)
    teacher = person
    2.times { lead(teacher, status: "Converted") }
    user(teacher, **columns)
  end

  def leads_of_newflow
    converted_leads(is_newflow: true)
  end

  def open_leads
    teacher = person
    %w[Converted Working].each { |status| lead(teacher, status:) }
    user(teacher)
  end

  # Adds a user who was once pending, and nobody in Salesforce knows why.
  def stale_status
    user(person, faculty_status: :pending_faculty)
  end

  def not_yet_activated
    teacher = person
    contact(teacher)
    user(teacher, state: "needs_profile")
  end

  def nobodys_lead
    lead(person)
  end

  def nobodys_contact
    contact(person)
  end

  def no_teacher
    user(person, is_newflow: chance(0.5))
  end
end
