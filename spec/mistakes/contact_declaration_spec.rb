# frozen_string_literal: true

require "rails_helper"

# Tries the mistakes of newcomers. Each message has the line, what is wrong, and the mend. A row has what stands in
# place of a line of the declaration (or behind it, where it has another number), and what the message must hold.
RSpec.describe "A mistake in the declaration of a contact sync" do
  using_database :sqlite

  declaration = <<~RUBY.lines(chomp: true)
    contacts "Contact"
    model "User", foreign_key: :salesforce_contact_id
    match_by(:contact_infos, column: :value, to: "Email") { trust :verified }
    link_when :activated
    attribute :faculty_status, from: "Status__c", map: { "Confirmed" => :confirmed_faculty }
  RUBY

  {
    # names
    [1, "contact \"Contact\""] => ["there is no word contact; did you mean contacts?"],
    [1, "contacts"] => ["contacts: wrong number of arguments", "write it as: contacts object, [where: …]"],
    [1, "contacts :Contact"] => [":Contact is not a name", "write \"Contact\""],
    [1, "contacts \"Contact\", emails: %w[Email]"] => ["contacts: unknown keyword: :emails", "write it as: contacts"],
    [1, "contacts \"Contact\", where: \"WHERE Type = 'A'\""] => ["where: begins with WHERE; leave"],
    [1, "contacts \"Contact\", where: \"Type = 'A\""] => ["where: has a quote (') that is not closed"],
    [1, "contacts \"Contact\", where: 'Type = \"A\"'"] => ["where: has double quotes", "'Partner'"],
    [1, "contacts \"Contact\", where: \"(Type = 'A'\""] => ["where: has a bracket"],
    [1, "contacts \"Contact\", where: \"\""] => ["where: is blank; leave it out"],
    [1, "contacts \"Contact\", where: { Type: 'A' }"] => ["where: is text, such as"],
    # model
    [2, "model \"User\""] => ["model: missing keyword: :foreign_key", "model name, foreign_key: …"],
    [2, "model \"Usr\", foreign_key: :salesforce_contact_id"] => ["there is no model Usr; correct the name"],
    [2, "model :users, foreign_key: :salesforce_contact_id"] => ["there is no model users; did you mean User?"],
    [2,
     "model \"String\", foreign_key: :salesforce_contact_id"] => ["String is not a model of Active Record; name one"],
    [2, "model nil, foreign_key: :salesforce_contact_id"] => ["model names a class, such as \"User\"", "given nil"],
    [2, "model \"User\", foreign_key: :contact_id"] => ["users has no column contact_id", "add it or correct the name"],
    [2, "model \"User\", foreign_key: :salesforce_contactid"] => ["did you mean salesforce_contact_id?"],
    [2, "model \"User\", foreign_key: :value, through: 7"] => ["through: names a has_one of the model, and is"],
    [2, "model \"User\", foreign_key: :value, through: :field"] => ["through: :field: there is no such association"],
    [2, "model \"User\", foreign_key: nil"] => ["foreign_key: names a column, and is given nil; give a Symbol"],
    # keys
    [3, "match_by(:contact_info, column: :value, to: \"Email\") { trust :verified }"] =>
      ["User has no association :contact_info; did you mean :contact_infos?"],
    [3, "match_by(:mails, column: :value, to: \"Email\") { trust :verified }"] =>
      ["User has no association :mails; there are [:"],
    [3, "match_by(:contact_infos, column: :email, to: \"Email\") { trust :verified }"] =>
      ["contact_infos has no column email; add it"],
    [3, "match_by(:contact_infos, column: :value, to: \"Email\") { nil }"] =>
      ["match_by :contact_infos trusts nothing; add: trust :verified"],
    [3, "match_by(:contact_infos, column: :value)"] => ["match_by: missing keyword: :to", "match_by name, to: …"],
    [3, "match_by nil, to: \"Email\""] => ["match_by names a column or an association of the model", "given nil"],
    [3, "match_by :contact_infos, column: 1, to: \"Email\""] => ["column: names a column, and is given an Integer"],
    [3, "match_by :uuid, to: :Email"] => ["match_by :uuid: :Email is not a field; write \"Email\""],
    [3, "match_by :uuid, to: []"] => ["match_by :uuid: to: names no field"],
    [3, "match_by :uuid, to: \"Uuid__c\", leads: [\"No Field\"]"] => ["\"No Field\" is not a field"],
    [3, "match_by :uuid, to: \"Uuid__c\", as: :guid"] => ["as: is one of [:email, :text, :uuid, :integer]"],
    [3, "match_by :uuid, to: \"Uuid__c\", evidence: :yes"] => ["match_by :uuid: evidence: is true or false"],
    [3, "match_by :uuid, to: \"Uuid__c\"; match_by :uuid, to: \"Id__c\""] =>
      ["match_by :uuid: it is declared twice; keep one, and name all its fields there"],
    [4, "keys_disagree :drop"] => ["keys_disagree is :hold or :link"],
    [3, "match_by(:contact_infos, column: :value, to: \"Email\") { trusts :verified }"] =>
      ["no word trusts; did you mean trust?"],
    [3, "match_by(:contact_infos, column: :value, to: \"Email\") { trust :verifid }"] =>
      ["no scope :verifid; did you mean verified?"],
    [3, "match_by(:contact_infos, column: :value, to: \"Email\") { trust }"] =>
      ["trust: wrong number of arguments", "trust scope"],
    [3, "match_by(:contact_infos, column: :value, to: \"Email\") { trust -> { where(x: 1) } }"] =>
      ["trust names a scope", "a Proc"],
    [3, "match_by(:contact_infos, column: :value, to: \"Email\") { 2.times { trust :verified } }"] =>
      [":verified is trusted already"],
    [3, "match_by(:contact_infos, column: :value, to: \"Email\") { trust :verified, matches: :leads }"] =>
      ["matches: can only be :contacts"],
    [3, "match_by(:contact_infos, column: :value, to: \"Email\") { trust :verified, for: :contacts }"] =>
      ["unknown keyword: :for", "write it as: trust scope, [matches: …]"],
    # whom
    [4, "link_when :activatd"] => ["User has no scope :activatd; did you mean activated?"],
    [4, "link_when -> { where(state: 'activated') }"] => ["link_when names a scope of the model", "a Proc", "a Symbol"],
    [4, "link_when { |user| user.activated? }"] => ["link_when: wrong number of arguments", "write it as: link_when"],
    [5, "link_when :activated"] => ["link_when is declared twice; keep one"],
    [5, "shared_contact \"hold\""] => ["shared_contact is :hold or :link"],
    # attributes
    [5, "attribute :faculty_status"] => ["attribute :faculty_status: say from: or any_of:, one of them"],
    [5, "attribute :faculty_status, from: \"A\", any_of: %w[B]"] => ["say from: or any_of:, one of them"],
    [5, "attribute :faculty_status, form: \"A\""] => ["unknown option form:", "did you mean from:?"],
    [5, "attribute :faculty_status, from: :Status__c"] => [":Status__c is not a field; write \"Status__c\""],
    [5, "attribute :faculty_status, from: %w[A B]"] => ["is not a field; write its API name as text"],
    [5, "attribute :is_kip, any_of: []"] => ["attribute :is_kip: any_of: names no field"],
    [5, "attribute :facultystatus, from: \"A\""] => ["users has no column facultystatus; did you mean faculty_status?"],
    [5, "attribute nil, from: \"A\""] => ["attribute names a column, and is given nil"],
    [5, "attribute :is_kip, from: \"A\", map: [[\"x\", true]]"] => ["map: is a Hash of source values and"],
    [5, "attribute :is_kip, from: \"A\", map: {}"] => ["map: is a Hash of source values and values, or :enum"],
    [5, "attribute :is_kip, from: \"A\", map: :enum"] => ["map: :enum takes the names of an enum", "declares none"],
    [5, "attribute :is_kip, any_of: %w[A], map: :enum"] => ["any_of: has no map"],
    [5, "attribute :faculty_status, from: \"A\", map: :enums"] => ["map: is a Hash of source values", "or :enum"],
    [5, "attribute :is_kip, from: \"A\", map: { Yes: true }"] => ["map: no source value is :Yes; write \"Yes\""],
    [5,
     "attribute :is_kip, from: \"A\", map: { \"x\" => -> { 1 } }"] => ["a Proc is not a value",
                                                                       "write the value itself"],
    [5, "attribute :is_kip, from: \"A\", otherwise: true"] => ["otherwise: needs a map:"],
    [5, "attribute :is_kip, from: \"A\", blank: -> { true }"] => ["a Proc is not a value that a column can have"],
    [5, "attribute :is_kip, from: \"A\", blank: :drop"] => [":drop is not a value of :is_kip; the column is"],
    [5, "attribute :is_kip, from: \"A\", map: { nil => true }, blank: :keep"] => ["map: says what a blank means"],
    [5, "attribute :school_type, from: \"A\", map: { \"x\" => :college }, blank: nil"] => ["school_type is NOT NULL"],
    [5, "attribute :is_kip, from: \"A\", overwrite: :no"] => ["attribute :is_kip: overwrite: is true or false"],
    [5, "attribute :school_type, from: \"A\", map: { \"x\" => :college }, overwrite: false"] =>
      ["users.school_type always has a value (NOT NULL), so overwrite: false writes nothing; leave it out"],
    [5, "attribute :faculty_status, from: \"A\", map: { \"x\" => :confirmd }"] =>
      [":confirmd is not a value of :faculty_status; there are", ":confirmed_faculty"],
    [5, "attribute :faculty_status, from: \"A\", privileged: :confirmed"] => [":confirmed is not a value", "there are"],
    [6, "attribute :faculty_status, from: \"A\""] => ["the column has an attribute already"],
    # values that are set
    [6, "contact_missing set: :no_faculty_info"] => ["set: is a Hash of columns and values"],
    [6, "contact_missing set: { faculty_status: :none }"] => [":none is not a value of :faculty_status; there are"],
    [6, "contact_missing set: { facultystatus: 1 }"] => ["users has no column facultystatus; did you mean"],
    [6, "contact_missing :unlink"] => ["contact_missing is :keep, or has values in set:"],
    [6, "contact_missing :keep, set: { is_kip: nil }"] => ["contact_missing :keep sets nothing; leave out set:, or"],
    [6, "contact_missing after: \"3\""] => ["after: is a number of reads, 1 or more"],
    [6, "unmatched set: { faculty_status: -> { 1 } }"] => ["a Proc is not a value that a column can have"],
    [6, "unmatched set: { faculty_status: :no_faculty_info }, scope: :legacies"] => ["no scope :legacies", "legacy?"],
    [6, "lead_status(from: \"Status\", trust: :verified) { all \"New\", set: { is_kip: true } }"] =>
      ["lead_status needs a source; add: leads \"Lead\", and leads: %w[Email] to a match_by"],
    [6, "leads \"Lead\"; lead_status(from: \"Status\", trust: :verified) { all \"New\", set: { is_kip: true } }"] =>
      ["lead_status needs a key that leads have; add to a match_by: leads: %w[Email]"],
    [6, "leads \"Lead\", foreign_key: :a; lead_status(from: \"B\", trust: :c) { all \"N\", set: { is_kip: true } }"] =>
      ["no key has values of leads, so that only stored leads count; leave out trust:"],
    # stored leads
    [6, "leads \"Lead\", foreign_key: 7"] => ["foreign_key: names a column, and is given"],
    [6, "leads \"Lead\", foreign_key: :salesforce_lead"] =>
      ["users has no column salesforce_lead; did you mean salesforce_lead_id?"],
    [6, "leads \"Lead\", foreign_key: :school_type"] =>
      ["users.school_type is INTEGER, and cannot hold the id of a lead; name a column of texts"],
    [6, "leads \"Lead\", foreign_key: :salesforce_contact_id"] =>
      [":salesforce_contact_id is the foreign_key: of leads, and that of model; correct one"],
    [6, "leads \"Lead\", foreign_key: :uuid; match_by :uuid, to: \"U__c\""] =>
      [":uuid is the foreign_key: of leads, and a match_by as well; keep one"],
    [6, "leads \"Lead\", foreign_key: :salesforce_lead_id; attribute :salesforce_lead_id, from: \"L__c\""] =>
      ["users.salesforce_lead_id is where the app stores leads, which this sync only reads; take it out"],
    [6, "lead_status(from: \"Status\", trust: :verified)"] => ["lead_status has no rules; add all or otherwise"],
    [6,
     "lead_status(from: \"Status\", trust: :verified) { all :New, set: {} }"] => ["all: a status is text", "a Symbol"],
    [6, "lead_status(from: \"Status\", trust: :verified) { otherwise set: {}; all \"New\", set: {} }"] =>
      ["all: no rule after otherwise is reached; put otherwise last"],
    [6, "lead_status(from: \"Status\", trust: :verified) { otherwise \"New\", set: {}; otherwise set: {} }"] =>
      ["otherwise: no rule after otherwise is reached; put otherwise last"],
    [6, "lead_status(from: \"Status\", trust: :verified) { other set: {} }"] => ["there is no word other; "],
    # budgets and protections
    [6, "budget :reject"] => ["a budget names one column and its value"],
    [6, "after_transition(:faculty_statuss) { nil }"] =>
      [":faculty_statuss is not written by this sync; did you mean :faculty_status?"],
    [6, "budget :reject, is_kip: true"] => [":is_kip is not written by this sync; there are [:faculty_status]"],
    [6, "budget :unlink, faculty_status: 1"] => ["the budget :unlink exists already; choose another name"],
    [6, "over_budget :reject, :block"] => ["over_budget :reject names no budget; above this line there are"],
    [6, "over_budget :all, :stop"] => ["over_budget :all is :hold or :block"],
    [6,
     "protect :faculty_status, from: :confirmed, to: :no_faculty_info"] => [":confirmed is not a value", "there are"],
    [6, "protect :faculty_status, from: [], to: :no_faculty_info"] => ["protect needs values in from: and to:"],
    # blocks
    [6, "after_transition :faculty_status, to: :confirmed_faculty"] => ["after_transition needs a block"],
    [6, "after_transition(:faculty_status, to: :confirmed_faculty) { |user, change, run| run }"] =>
      ["its block is given the record and the change, and takes 3"],
    [6, "after_transition(:faculty_status, to: :confirmed_faculty) { SecurityLogs.create! }"] =>
      ["the block names SecurityLogs, which is not there; did you mean SecurityLog?"],
    [6, "after_transition(:faculty_status, to: :confirmd) { nil }"] => [":confirmd is not a value of :faculty_status"],
    [6, "after_transition(:salesforce_contact_id) { nil }"] => ["_contact_id is what links write; say after_link"],
    [6, "after_transition(:is_kip) { nil }"] => [":is_kip is not written by this sync; there are [:faculty_status]"],
    [6, "after_link"] => ["after_link needs a block"],
    [6, "after_link(on: :relink) { nil }"] => ["after_link on: is :link or :unlink"],
    [6, "after_link { |user, change, run| run }"] => ["its block is given the record and the change, and takes 3"],
    [6, "after_link { SecurityLogs.create! }"] => ["the block names SecurityLogs, which is not there"],
    [6, "after_batch { |changes| changes }"] => ["after_batch needs batches; add: write :set_based"],
    [6, "report_problems only_if: true do |run| run end"] => ["report_problems only_if: is code, such as ->"],
    [6, "report_problems if: -> { true } do |run| run end"] =>
      ["unknown keyword: :if", "write it as: report_problems [only_if: …]"],
    [6, "alarm_after 6 do |since| since end"] => ["alarm_after needs a duration, such as 6.hours"],
    [6, "write_back \"A__c\", with: :full_name, on: { faculty_status: :confirmed_faculty }"] =>
      ["User has no method full_name"],
    [6, "write_back \"A__c\", with: :update, on: { faculty_status: :confirmed_faculty }"] =>
      ["User needs an argument for the method update; name one that needs none"],
    [6, "write_back \"A__c\", with: :uuid, on: :faculty_status"] => ["on: names one column and its value, or is :link"],
    [6, "write_back \"A__c\", with: :full_name, on: :link"] => ["User has no method full_name"],
    [6, "write_back \"A__c\", with: :uuid, on: :link, overwrite: nil"] => ["write_back: overwrite: is true or false"],
    # the rest
    [6, "write :set"] => ["write is :records or :set_based"],
    [6, "write :records, batch: 0"] => ["batch: is a number of records, from 1 to 1,000"],
    [6, "write :records, batch: 1_001"] => ["batch: is a number of records, from 1 to 1,000"],
    [6, "write :records, batch: \"all\""] => ["batch: is a number of records, from 1 to 1,000"],
    [6,
     "write :set_based, batch: 100"] => ["batch: belongs to write :records; write :set_based has batches of its own"],
    [6, "incremental full_every: 24"] => ["incremental: full_every: is a duration, such as 1.day"],
    [6, "salesforce nil"] => ["salesforce names an org, and is given nil"],
    [6, "atribute :is_kip, from: \"A\""] => ["there is no word atribute; did you mean attribute?"],
    [6, "field :is_kip, from: \"A\""] => ["there is no word field; there are after_batch, after_link, after_tran"]
  }.each do |(line, written), parts|
    it "is told for: #{written}" do
      lines = declaration.dup
      lines[line - 1] = written
      sync = Class.new(CrmSync::ContactSync)
      told = begin
        CrmSync::Testing::Salesforce.start(records: { "Contact" => [] }) do
          sync.class_eval(lines.join("\n"), "app/syncs/user_sync.rb", 1)
          sync.plan
        end
      rescue CrmSync::MappingError => e
        e.message
      end
      expect(told).to start_with("app/syncs/user_sync.rb:#{line}: ").and include(*parts)
      expect(told.lines.size).to eq(1)
    end
  end

  it "leaves errors of the host's own code as they are" do
    expect do
      Class.new(CrmSync::ContactSync) { match_by(:contact_infos, column: :value, to: "Email") { Integer("x") } }
    end.to raise_error(ArgumentError, /invalid value for Integer/)
    expect { Class.new(CrmSync::ContactSync).plann }.to raise_error(NoMethodError, /plann/)
  end

  it "is told with all others of the same form: what is missing" do
    stub_const("Unfinished", Class.new(CrmSync::ContactSync))
    expect { Unfinished.plan }.to raise_error(CrmSync::MappingError) { |error|
      expect(error.message.lines).to match([/does not say its contacts; add: contacts "Contact"/,
                                            /does not say its model; add: model/,
                                            /does not say its match_by; add: match_by/])
    }
  end
end
