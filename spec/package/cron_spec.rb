# frozen_string_literal: true

require "rails_helper"

# The command that whenever makes of the dummy's schedule, run as cron runs it.
RSpec.describe "The scheduled sync" do
  using_database :sqlite

  before { create_teachers(2) }

  def credentials(host, secret = Simulated::SECRET)
    { "CRM_SYNC_SALESFORCE_HOST" => host, "CRM_SYNC_SALESFORCE_CLIENT_ID" => "simulator",
      "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => secret, "CRM_SYNC_SALESFORCE_RETRY_DELAY" => "0.01" }
  end

  def scheduled(**env)
    expect(cron_commands.size).to eq(1)
    run_cron(cron_commands.first, env: env.transform_keys(&:to_s))
  end

  it "brings the users up to date, quietly" do
    simulate(contacts: 2) do |salesforce|
      result = scheduled(**credentials(salesforce.url))
      expect(result).to be_success
      expect(result.stdout + result.stderr).to eq("")
      expect(rescue_from_log).to eq([{ finished: true }])
    end
    expect(linked.count).to eq(2)
    expect(child_log).to include("UpdateUserSalesforceInfo: Finished: applied: 2 link")
    expect(child_mail).to eq("")
  end

  it "tells RescueFrom when Salesforce fails" do
    fault = { on: :query, answer: { error: { status: 500, code: "UNKNOWN_EXCEPTION", message: "out of order" } } }
    simulate(faults: [fault]) { |salesforce| expect(scheduled(**credentials(salesforce.url))).not_to be_success }
    expect(rescue_from_log).to match([{ class: "CrmSync::RemoteError", message: /UNKNOWN_EXCEPTION, 5 tries/ }])
  end

  it "tells RescueFrom when nobody is there" do
    url = simulate(&:url)
    expect(scheduled(**credentials(url))).not_to be_success
    expect(rescue_from_log).to match([{ class: "CrmSync::RemoteError", message: /no connection/ }])
  end

  it "tells RescueFrom when the credentials are wrong, and shows none" do
    simulate do |salesforce|
      result = scheduled(**credentials(salesforce.url, "wrong-secret"))
      expect(result.stderr + child_log + rescue_from_log.to_s).not_to include("wrong-secret")
    end
    expect(rescue_from_log).to match([{ class: "CrmSync::AuthenticationError", message: /check salesforce.client_id/ }])
  end

  it "tells RescueFrom when there are no settings" do
    scheduled
    expect(rescue_from_log).to match([{ class: "CrmSync::ConfigurationError", message: /CRM_SYNC_SALESFORCE_HOST/ }])
  end

  # The schedule asks for mail in the first minutes of the day only.
  { "mails its problems" => [true, true], "sends no mail that nobody asked for" => [false, true],
    "sends no mail where that is switched off" => [true, false] }.each do |what, (asked, enabled)|
    it what do
      Settings::Salesforce.user_info_error_emails_enabled = enabled
      twins = [1, 2].map { |n| { "Id" => contact_id(n), "Email" => "teacher1@example.edu" } }
      simulate(records: { "Contact" => twins, "Lead" => [] }) do |salesforce|
        call = "UpdateUserSalesforceInfo.call(allow_error_email: #{asked})"
        expect(rails_runner(call, env: credentials(salesforce.url))).to be_success
      end
      next expect(child_mail).to eq("") unless asked && enabled

      expect(child_mail).to include("UpdateUserSalesforceInfo errors", contact_id(1), contact_id(2))
      expect(child_mail).not_to include("teacher1@")
    end
  end
end
