# frozen_string_literal: true

# The words in which specs of the contact sync are told: what Salesforce has, that the sync runs, what came of it.
#
#   include ContactSyncWorld
#
#   ann = contact("ann@b.edu", faculty: "Confirmed")
#   salesforce_has ann, lead("bob@b.edu", status: "Converted")
#   run = sync
module ContactSyncWorld
  OBJECTS = { "001" => "Account", "003" => "Contact", "00Q" => "Lead" }.freeze
  SUFFIX = [*"A".."Z", *"0".."5"].freeze
  private_constant :OBJECTS, :SUFFIX

  def self.included(group)
    group.after { salesforce_stops }
  end

  # An id of 18 characters that no other record of the example has.
  def salesforce_id(prefix)
    @ids = (@ids || 0) + 1
    core = format("%s4C000Va%05d", prefix, @ids)
    core + core.scan(/.{5}/).map { |part| SUFFIX[capitals(part)] }.join
  end

  # Other fields go by their API names: contact("a@b.edu", "School_Type__c" => "High School")
  def contact(email = nil, alternate = nil, faculty: nil, account: nil, **fields)
    { "Id" => salesforce_id("003"), "Email" => email, "Email_alt__c" => alternate, "Faculty_Verified__c" => faculty,
      "AccountId" => account && account["Id"], **fields }
  end

  def lead(email, status: "Open", source: "OSC Faculty", **fields)
    { "Id" => salesforce_id("00Q"), "Email" => email, "Status" => status, "LeadSource" => source, **fields }
  end

  def account(**fields)
    { "Id" => salesforce_id("001"), **fields }
  end

  # Starts the simulator, or puts these records in the place of all that it has. Options are the simulator's.
  def salesforce_has(*records, **options)
    by_object = OBJECTS.to_h { |prefix, object| [object, records.select { |record| record["Id"].start_with?(prefix) }] }
    if @salesforce
      by_object.each { |object, rows| @salesforce.replace(object, rows) }
    else
      @salesforce = CrmSync::Testing::Salesforce.start(records: by_object, **options)
    end
  end

  # The simulator.
  attr_reader :salesforce

  # From now on it is another simulator's turn, with other faults.
  def salesforce_stops
    @salesforce&.stop
    @salesforce = nil
  end

  # Users whose addresses a contact has each, by their first names.
  def users_with_contacts(*names)
    salesforce_has(*names.map { |name| contact("#{name}@b.edu") })
    names.map { |name| create_user(email: "#{name}@b.edu", first_name: name) }
  end

  # An activated user who is linked to the contact.
  def linked_user(contact, **options)
    create_user(salesforce_contact_id: contact["Id"], **options)
  end

  # Makes the model refuse to save a user, as it does with rows that are older than its validations.
  def spoil(user)
    user.update_columns(support_identifier: "longer than the model allows #{user.id}".ljust(41, "."))
  end

  def sync(**options)
    UpdateUserSalesforceInfo.call(**options)
  end

  # A sync with only this beside contacts, users, and their verified addresses.
  def sync_that(name = "SmallSync", &declaration) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it
    stub_const(name, Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "User", foreign_key: :salesforce_contact_id
      sync.match_by(:contact_infos, column: :value, to: %w[Email Email_alt__c], leads: %w[Email]) { trust :verified }
      sync.class_exec(&declaration) # rubocop:disable Naming/BlockForwarding
    end
  end

  # The verification mails that Salesforce was asked for and promised: [contact id, address].
  def verification_mails
    writes_to(salesforce, answered: true).map { |id, fields| [id, fields["SendFacultyVerificationTo__c"]] }
  end

  # The queries that Salesforce was asked, on any object or on one.
  def queries(object = nil)
    salesforce.requests.filter_map { |request| request["query"] }.grep(/ FROM #{object}/)
  end

  # Returns the changes of a plan or a run by user: { user => :link }
  def actions(changes)
    changes.to_h { |change| [User.find(change.key), change.action] }
  end

  # The issues of one kind as a list of the contacts that each is about.
  def contacts_of(issues, kind)
    issues.select { |issue| issue.kind == kind }.map(&:contacts)
  end

  # Likewise, of the users.
  def users_of(issues, kind)
    issues.select { |issue| issue.kind == kind }.map(&:users)
  end

  # The ids of records, in the order in which issues name them.
  def ids(*records)
    records.map { |record| record["Id"] }.sort
  end

  # Returns all rows of the database but for what a run remembers of its sources.
  def all_rows
    [User, ContactInfo, SecurityLog, ApplicationUser, CrmSync::OutboxRow].to_h do |model|
      [model.name, model.order(:id).map(&:attributes)]
    end
  end

  private

  def capitals(part)
    part.chars.each_with_index.sum { |char, place| char.match?(/[A-Z]/) ? 1 << place : 0 }
  end
end
