# frozen_string_literal: true

require_relative "partner_world"

# The organization sync, with canaries in what it reads and signs in with.
module ConfidentialPartners
  DESK = { client_secret: Canaries::SECRETS[:zendesk_secret] }.freeze
  private_constant :DESK

  def self.included(group)
    group.include PartnerWorld
  end

  private

  def partner_runs
    mine = { "Account_Owner_Calc__c" => address("owner") }
    partners([account(1, **mine), account(2), account(3, **mine)], [organization(1), organization(9)],
             salesforce: { client_secret: Canaries::SECRETS[:client_secret] }, zendesk: DESK)
    run = keep(keep(PartnerSync.plan).apply, PartnerSync.explain(account_id(1)), PartnerSync.doctor)
    keep(run.undo!, CrmSync::Zendesk.client, CrmSync::Zendesk.client.organizations.first)
    partner_stages
  end

  def partner_stages
    PartnerSync.gather_accounts(dir: scratch)
    PartnerSync.gather_organizations(dir: scratch)
    keep(PartnerSync.compare(dir: scratch), PartnerSync.apply(dir: scratch))
  end

  def partner_troubles
    repeated_desk_secrets
    details = "Notes: no #{address("notes")} here"
    faults = [{ on: :update_many, answer: { item_failures: { count: 1, details: } } }]
    CrmSync::Testing::Zendesk.start(organizations: [{ id: 1, name: "A" }], clock_speed: 50, faults:, **DESK) do
      @errors.concat(CrmSync::Zendesk.client.update_many([{ id: 1, notes: address("notes") }]))
    end
  end

  def repeated_desk_secrets
    %i[plain url_encoded base64 json_escaped].each do |form|
      { organizations: CrmSync::RemoteError, token: CrmSync::AuthenticationError }.each do |on, kind|
        CrmSync::Testing::Zendesk.start(**DESK, faults: [{ on:, answer: { echo: { status: 400, form: } } }]) do
          failing(kind) { CrmSync::Zendesk.client.organizations.first }
        end
      end
    end
  end
end
