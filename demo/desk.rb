# frozen_string_literal: true

# Does in both simulators what people do, and shows what can be seen there.
class Desk
  def initialize(salesforce, zendesk)
    @salesforce = salesforce
    @zendesk = zendesk
  end

  def accounts
    @salesforce.records("Account").reject { |account| account["IsDeleted"] }
  end

  # Those that are not among them are deleted, as Salesforce shows it for a while.
  def replace(accounts)
    there = accounts.to_h { |account| [account["Id"], true] }
    gone = @salesforce.records("Account").reject { |account| there[account["Id"]] }
    @salesforce.replace("Account", accounts + gone.map { |account| { **account, "IsDeleted" => true } })
  end

  # Accounts of which some have other fields.
  def with(fields, of:, among: accounts)
    among.map { |account| of.include?(account["Id"]) ? account.merge(fields) : account }
  end

  # Edits an organization as a person does in the browser.
  def edit_organization(key, fields)
    row = organizations.fetch(key)
    CrmSync::Zendesk.client.update_many([{ id: row["id"], organization_fields: fields }])
  end

  # The organizations by their account's id.
  def organizations
    @zendesk.organizations.to_h { |row| [row["organization_fields"]["salesforce_id"], row] }
  end

  # A custom field of some organizations.
  def field(name, keys)
    organizations.values_at(*keys).map { |row| row["organization_fields"][name] }
  end

  # The account's ids of the organizations that are marked.
  def marked
    organizations.select { |_, row| row["organization_fields"]["mark_for_deletion"] }.keys
  end
end
