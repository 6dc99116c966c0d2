# frozen_string_literal: true

require_relative "simulated"

# Helps specs of the Zendesk client with a small account whose clock runs fast, and a look at what was asked of it.
module ZendeskDesk
  FIELDS = [{ key: "account_type", type: :dropdown, title: "Account type", custom_field_options: [
    { name: "Open partner", value: "open_partner" }, { name: "Select partner", value: "select_partner" }
  ] }, { key: "mark_for_deletion", type: :checkbox, tag: "marked", active: false }].freeze

  # Organizations named N1, N2 and so on, with these ids.
  def named(count)
    (1..count).map { |number| { "id" => number, "name" => "N#{number}" } }
  end

  # An account in which a list has several pages, and waiting takes no time.
  def desk(count = 10, **options, &)
    options = { organizations: named(count), organization_fields: FIELDS, page_size: 4, clock_speed: 50,
                job_seconds: 2, client_secret: Simulated::SECRET, **options }
    CrmSync::Testing::Zendesk.start(**options, &)
  end

  def zendesk_client(name = :default)
    CrmSync::Zendesk.client(name)
  end

  # One fault that hits once.
  def fault(on, answer, skip: 0)
    [{ on:, skip:, times: 1, answer: }]
  end

  # Counts the requests with this method whose path ends so, with or without a suffix.
  def asked(zendesk, method, path)
    zendesk.requests.count { |request| request["method"] == method && request["path"].chomp(".json").end_with?(path) }
  end

  # Returns the environment that leads a child to this process's simulator.
  def pointing_at(zendesk)
    { "CRM_SYNC_ZENDESK_HOST" => zendesk.url, "CRM_SYNC_ZENDESK_CLIENT_ID" => "simulator",
      "CRM_SYNC_ZENDESK_CLIENT_SECRET" => Simulated::SECRET }
  end

  # Expects that nothing more comes while the same threads read another account again and again. Requests that were on
  # the wire when somebody stopped may still come before that.
  def expect_zendesk_silence(zendesk)
    desk do
      eventually do
        seen = zendesk.requests.size
        10.times { zendesk_client.organizations.to_a }
        zendesk.requests.size == seen
      end
    end
  end
end
