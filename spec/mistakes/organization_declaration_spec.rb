# frozen_string_literal: true

require "rails_helper"

# Tries the mistakes of newcomers about organizations. The rows are made as for contacts.
RSpec.describe "A mistake in the declaration of an organization sync" do
  declaration = <<~RUBY.lines(chomp: true)
    accounts "Account", key: "Id"
    organizations key: :salesforce_id, managed: { kind: %w[partner] }
    attribute :name, from: "Name"
    field :salesforce_id, from: "Id"
    field :kind, first_of: { { "Type" => "Partner" } => "partner" }
  RUBY

  {
    [1, 'accounts "Account"'] => ["accounts: missing keyword: :key; write it as: accounts object, key: …"],
    [1, 'account "Account", key: "Id"'] => ["there is no word account; did you mean accounts?"],
    [1, 'accounts "Account", key: :Id'] => [":Id is not a name", 'write "Id"'],
    [1, 'accounts "Account", key: "Id", where: "Type = Partner)"'] => ["where: has a bracket that has no other half"],
    [1, 'accounts "Account", key: "Id", where: "Type ~ 3"'] => ["where: Salesforce cannot read it"],
    [1, 'accounts "Acount", key: "Id"'] => ["correct the name, or let the integration user see it"],
    [2, "organizations managed: { kind: %w[partner] }"] => ["organizations: missing keyword: :key"],
    [2, "organizations key: :salesforce_id, managed: :kind"] => ["managed: names one drop-down and its values"],
    [2, "organizations key: nil, managed: { kind: %w[partner] }"] => ["key: names an organization field"],
    [2, "organizations key: :salesforce_id, managed: { knid: %w[partner] }"] => ["names knid", "mean kind?"],
    [2, "organizations key: :salesforce_id, managed: { kind: %w[partner vip] }"] => ['no option with the tag "vip"',
                                                                                     "there are partner"],
    [3, 'attribute :nmae, from: "Name"'] => ["attribute :nmae cannot be written; there are name, details"],
    [3, 'attribute :name, from: "Nmae"'] => ["correct the name, or let the integration user see it"],
    [4, 'field :salesforce_id, from: "Name"'] => ["salesforce_id is the key, and must be taken from: \"Id\" as it is"],
    [5, "field :kind, first_of: { \"Type\" => \"partner\" }"] => ["first_of: is a Hash of conditions"],
    [5, "field :kind, first_of: [1]"] => ["first_of: is a Hash of conditions, which are Hashes of fields and values"],
    [5, 'field :kind, first_of: { { "Type" => "Partner" } => "parner" }'] => ["managed:, which has partner,"],
    [6, 'field :tier, first_of: { { "Type" => "Partner" } => "glod" }'] => ['has no option with the tag "glod"'],
    [6, 'field :owner, form: "Owner.Name"'] => ["unknown option form:; there are from", "did you mean from:?"],
    [6, 'field :salesforce_id, from: "Id"'] => ["field :salesforce_id: it is declared twice; keep one"],
    [6, 'field :onwer, from: "Name"'] => ["the organization field onwer is not there", "did you mean owner?"],
    [6, 'field :owner, from: "Name", equals: "x"'] => ["owner is of the type text; equals: needs a checkbox"],
    [6, 'field nil, from: "Name"'] => ["field has a name, and is given nil; give a Symbol"],
    [6, "mark :owner"] => ["the organization field owner is of the type text; here it must be checkbox"],
    [6, "mark :gone, look_up: :yes"] => ["look_up: is true or false"],
    [2, "organizations key: :external_id; external_id true"] => ["external_id is the key", "leave it out"],
    [2, "organizations key: :external_id; field :external_id, from: \"Id\""] => ["external_id is the key"],
    [2, "organizations key: :salesforce_id; mark :gone"] => ["mark needs to know which organizations are managed; add"],
    [2, "organizations key: :salesforce_id; outside_managed :adopt"] => ["outside_managed needs to know which"],
    [6, "external_id \"yes\""] => ["external_id is true or false"],
    [6, "mark_only_if older_than: 3, by: :owner"] => ["older_than: is a duration, such as 3.years"],
    [6, "zendesk nil"] => ["zendesk names an instance, and is given nil"],
    [6, "report_problems { |run| DevMailers.report(run) }"] => ["the block names DevMailers, which is not there"],
    [6, "unmatched set: {}"] => ["there is no word unmatched; "]
  }.each do |(line, written), parts|
    it "is told for: #{written}" do
      lines = told(declaration, line => written).lines
      expect(lines).to match([start_with("app/partners.rb:#{line}: ").and(include(*parts))])
    end
  end

  it "is told with all others" do
    message = told(declaration, 6 => 'field :onwer, from: "Name"', 7 => "mark :gnoe",
                                8 => "mark_only_if older_than: 1.year, by: :day")
    expect(message.lines).to match([/:6: the organization field onwer/, /:7: .* gnoe is not .* did you mean gone\?/,
                                    /:8: the organization field day is not there/])
  end

  define_method(:told) do |declared, mistakes|
    lines = declared.dup
    mistakes.each { |line, written| lines[line - 1] = written }
    fields = [{ key: "salesforce_id", type: :text }, { key: "owner", type: :text }, { key: "gone", type: :checkbox },
              { key: "kind", type: :dropdown, custom_field_options: ["partner"] },
              { key: "tier", type: :dropdown, custom_field_options: ["gold"] }]
    account = { "Id" => "0014C00000VaYfKQAV", "Name" => "A", "Type" => "Partner" }
    CrmSync::Testing::Salesforce.start(records: { "Account" => [account] }, fields: { "Account" => account.keys }) do
      CrmSync::Testing::Zendesk.start(organization_fields: fields) do
        stub_const("MistakenSync", Class.new(CrmSync::OrganizationSync))
        MistakenSync.class_eval(lines.join("\n"), "app/partners.rb", 1)
        MistakenSync.plan
      end
    end
    "nothing"
  rescue CrmSync::MappingError => e
    e.message
  end
end
