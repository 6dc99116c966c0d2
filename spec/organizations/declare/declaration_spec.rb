# frozen_string_literal: true

require_relative "../../support/partner_world"

# Mistakes of form are found when the class is loaded, without a network; the message names the line and the mend.
RSpec.describe "The declaration of an organization sync" do
  # Returns the error of the declaration when it is loaded or first used.
  def problem(&)
    sync = Class.new(CrmSync::OrganizationSync)
    sync.class_exec(&)
    sync.declaration.complete!
    nil
  rescue CrmSync::MappingError => e
    e.message
  end

  whole = lambda do |*|
    accounts "Account", key: "Id"
    organizations key: :sid, managed: { kind: %w[partner] }
    attribute :name, from: "Name"
    field :sid, from: "Id"
    field :kind, first_of: { { "Type" => "Partner" } => "Partner" }
  end

  it "needs a class that has a name" do
    sync = Class.new(CrmSync::OrganizationSync).tap { |made| made.class_exec(&whole) }
    expect { sync.plan }.to raise_error(CrmSync::ConfigurationError, /this sync has no name.*assign the class/)
  end

  it "is complete with an account's key, the organizations, a name and the key's field" do
    expect(problem(&whole)).to be_nil
  end

  {
    ["is not a name of Salesforce's"] => -> { accounts "Account; DROP", key: "Id" },
    ['"Na me" is not a field'] => -> { attribute :name, from: "Na me" },
    ["attribute :tags is never written", "the whole set"] => -> { attribute :tags, from: "Name" },
    ["attribute :external_id is written when you say: external_id true"] => -> { attribute :external_id, from: "Id" },
    ["attribute :group cannot be written; there are name, details"] => -> { attribute :group, from: "Name" },
    ["field :a: say from: or first_of:, one of them"] => -> { field :a },
    ["unknown option form:; there are from, as, equals, first_of"] => -> { field :a, form: "Name" },
    ["as: can only be :salesforce_id15"] => -> { field :a, from: "Id", as: :upper },
    ["say as: or equals:, not both"] => -> { field :a, from: "Id", as: :salesforce_id15, equals: 1 },
    ["equals: needs a value"] => -> { field :a, from: "Id", equals: nil },
    ["first_of: is a Hash of conditions"] => -> { field :a, first_of: { "Track" => "open" } },
    ["first_of: has neither as: nor equals:"] => -> { field :a, first_of: { { "T" => "O" } => "o" }, equals: 1 },
    ["managed: names one drop-down and its values"] => -> { organizations key: :sid, managed: {} },
    ["unmark: is :always or :never"] => -> { mark :gone, unmark: :sometimes },
    ["older_than: is a duration, such as 3.years"] => -> { mark_only_if older_than: 3, by: :date },
    ["outside_managed is :adopt or :report"] => -> { outside_managed :ignore },
    ["name_taken is :adopt or :report"] => -> { name_taken :ignore }
  }.each do |parts, words|
    it "refuses what it cannot mean: #{parts.first}" do
      message = problem(&words)
      expect(message).to include(*parts)
      expect(message).to match(/\A\S+declaration_spec\.rb:\d+: /)
    end
  end

  {
    "accounts is declared twice; keep one" => -> { accounts "Account", key: "Id" },
    "field :sid: it is declared twice; keep one" => -> { field :sid, from: "Id" },
    "sid is the mark, and cannot follow the account as well; keep one of them" => -> { mark :sid },
    "mark_only_if needs a mark; add: mark :mark_for_deletion" => -> { mark_only_if older_than: 3.years, by: :date }
  }.each do |message, words|
    it "refuses what does not fit together: #{message}" do
      both = ->(*) { [whole, words].each { |part| instance_exec(&part) } }
      expect(problem(&both)).to match(/declaration_spec\.rb:\d+: #{Regexp.escape(message)}\z/)
    end
  end

  it "says what is missing, with an example" do
    expect(problem { nil }).to include("does not say its accounts; add: accounts \"Account\", key: \"Id\"")
    expect(problem { accounts "Account", key: "Id" }).to include("does not say its organizations")
    nameless = lambda do |*|
      accounts "Account", key: "Id"
      organizations key: :sid, managed: { kind: %w[partner] }
    end
    expect(problem(&nameless)).to include('does not say what name is taken from; add: attribute :name, from: "Name"')
  end

  it "sets the drop-down of managed: itself" do
    unset = lambda do |*|
      accounts "Account", key: "Id"
      organizations key: :sid, managed: { kind: %w[partner] }
      attribute :name, from: "Name"
      field :sid, from: "Id"
    end
    expect(problem(&unset)).to match(
      /declaration_spec\.rb:\d+: managed: names kind, .* add: field :kind, .* => "partner" }\z/
    )
  end

  it "sets the drop-down of managed: to none but its values, in any letter case" do
    cases = { { "Type" => "A" } => "PARTNER", { "Type" => "B" } => "parner", { "Type" => "C" } => "Customer" }
    others = lambda do |*|
      accounts "Account", key: "Id"
      organizations key: :sid, managed: { kind: %w[partner] }
      attribute :name, from: "Name"
      field :sid, from: "Id"
      field :kind, first_of: cases
    end
    lose = "with which the sync would lose the organization; add it to managed:, which has partner, or leave out the " \
           "case"
    expect(problem(&others).lines(chomp: true))
      .to match(%w[parner Customer].map { |tag| end_with(": first_of: gives kind the value \"#{tag}\", #{lose}") })
  end

  it "takes the key from the account's id as it is" do
    other = lambda do |*|
      accounts "Account", key: "Id"
      organizations key: :sid, managed: { kind: %w[partner] }
      attribute :name, from: "Name"
      field :sid, from: "Other__c"
    end
    expect(problem(&other)).to include('sid is the key, and must be taken from: "Id" as it is')
  end

  it "writes the account's id to external_id where that is wanted" do
    sync = Class.new(CrmSync::OrganizationSync).tap { |made| made.class_exec(&whole) }
    sync.external_id true
    expect(sync.declaration.targets).to eq(%i[name sid kind external_id])
  end
end
