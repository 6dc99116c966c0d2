# frozen_string_literal: true

# Hands the library options that have a mistake in one member. Nobody but this gem makes them, so the message is for
# those who work on it: it names the member in full, and what it can be.
RSpec.describe CrmSync::Native do
  # Returns a copy in which the member at +path+ has the value that the block gives; without it when that is +:gone+.
  def change(options, *path, last)
    copy = Marshal.load(Marshal.dump(options))
    holder = path.empty? ? copy : copy.dig(*path)
    value = yield
    value == :gone ? holder.delete(last) : holder[last] = value
    copy
  end

  limits = { open_timeout: 1, read_timeout: 1, deadline: 1, attempts: 1, retry_delay: 0, max_page_bytes: 1, max_rows: 1,
             concurrency: 1 }
  options = {
    org: { host: "a", client_id: "b", grant: :refresh_token, client_secret: "", api_version: "60.0", quota_reserve: 0.1,
           bulk_from: 1, allow_duplicates: false, ca_file: "", **limits },
    account: { host: "a", credentials: "token", token: "t", requests_per_minute: nil, share: 0.5, jobs: 1,
               job_patience: 1, second: 1, ca_file: "", **limits },
    contact_rules: {
      columns: [{ name: "status", values: [0], blank: [], default: nil, privileged: [], protected: [[0, 1]] }],
      attributes: [{ column: 0, fills: false, outcomes: [0, :keep, :unfit] }],
      keys: [{ name: "email", kind: "email", evidence: false }], hold_disagreeing: true,
      tiers: [{ name: "t", contacts: true, leads: true, key: 0 }],
      share_contacts: false, contact_missing: [[0, 1]], missing_before: nil, sees_all: nil,
      keep_missing: false, leads: [{ all: [true], set: [] }], lead_statuses: nil, unmatched: [], write_backs: [],
      write_back_links: false, budgets: []
    },
    contact_changes: [{ action: :update, has_contact: true, fields: [{ column: 0, before: 0, after: 1 }] }],
    rules: {
      account_fields: %w[Id Type], account_key: 0, organization_key: { place: :field, name: "account_id" },
      managed: { field: "m", values: [] },
      attributes: [{ place: :field, name: "kind", type: "text", options: [%w[tag Label]],
                     source: { kind: :first_of, cases: [{ when: [{ field: 1, equals: "x" }], then: "y" }] } }],
      mark: { field: "gone", unmark: true, only_if: { field: "created", day: "2026-01-01" } }, outside_managed: :report,
      name_taken: :adopt, parents: [{ reference: 0, id: 1, fields: [1] }],
      remembered: [{ organization: 1, place: "field", name: "kind", sent: "a", stored: "b", refused: false }]
    },
    changes: [{ action: :update, key: "001000000000001AAA", organization: 1,
                fields: [{ place: :attribute, name: "name", before: "a", after: nil }] }]
  }
  host = CrmSync::Host.new(CrmSync::Log.new("spec"))
  # The calls by which options cross. The folder that is read is not there, and no host is asked.
  calls = {
    org: ->(given) { described_class::Salesforce.new(given[:org]) },
    account: ->(given) { described_class::Zendesk.new(given[:account]) },
    contact_rules: ->(given) { described_class.contact_costs(given[:contact_rules], given[:contact_changes]) },
    rules: ->(given) { described_class::OrganizationTables.read("/nowhere", given[:rules], ["", ""], host) },
    changes: lambda do |given|
      account = described_class::Zendesk.new(options[:account])
      described_class::OrganizationTables.moved(account, given[:rules], given[:changes], host)
    end
  }
  calls[:contact_changes] = calls[:contact_rules]
  places = "must be :attribute or :field"
  integer = "no implicit conversion of String into Integer"

  [
    [:org, [:grant], :magic, "grant must be :client_credentials, :jwt_bearer, :refresh_token or :password"],
    [:org, [:attempts], "five", "attempts: #{integer}"],
    [:org, [:attempts], -1, /\Aattempts: .*negative/],
    [:org, [:client_secret], 5, "client_secret: no implicit conversion of Integer into String"],
    [:org, [:max_rows], :gone, /\Amax_rows is missing; beside it there are host, client_id, grant, .*, concurrency\z/],
    [:account, [:credentials], "s3cret", "credentials must be :client_credentials, :token or :api_token"],
    [:account, [:token], :gone, /\Atoken is missing; /],
    [:contact_rules, [:columns], {}, "columns: no implicit conversion of Hash into Array"],
    [:contact_rules, [:columns, 0, :name], :gone,
     "columns[0].name is missing; beside it there are values, blank, default, privileged, protected"],
    [:contact_rules, [:columns, 0, :values, 0], "x", "columns[0].values[0]: #{integer}"],
    [:contact_rules, [:columns, 0, :protected, 0], [0], "columns[0].protected[0]: expected Array of length 2"],
    [:contact_rules, [:columns, 0, :protected, 0, 1], "x", "columns[0].protected[0][1]: #{integer}"],
    [:contact_rules, [:attributes, 0, :outcomes, 1], :skip,
     "attributes[0].outcomes[1] must be :keep, :quarantine, :unfit or :missing"],
    [:contact_rules, [:attributes, 0, :outcomes, 0], -3, /\Aattributes\[0\]\.outcomes\[0\]: .*negative/],
    [:contact_rules, [:leads, 0], [], "leads[0]: no implicit conversion of Array into Hash"],
    [:contact_changes, [0, :action], :mark, /\Achanges\[0\]\.action must be :link, .* or :\w+\z/],
    [:contact_changes, [0, :fields, 0, :column], 1, "changes[0].fields[0].column is not the number of a column"],
    [:rules, [:outside_managed], true, "outside_managed: no implicit conversion of true into String"],
    [:rules, [:name_taken], :ignore, "name_taken must be :adopt or :report"],
    [:rules, [:attributes, 0, :place], :column, "attributes[0].place #{places}"],
    [:rules, [:attributes, 0, :source, :kind], :id18,
     "attributes[0].source.kind must be :field, :id15, :equals or :first_of"],
    [:rules, [:attributes, 0, :source, :cases, 0, :when, 0, :equals], :x,
     "attributes[0].source.cases[0].when[0].equals must be text, a number, true, false or nil"],
    [:rules, %i[mark only_if day], :gone, "mark.only_if.day is missing; beside it there are field"],
    [:rules, [:parents, 0, :id], "Id", "parents[0].id: #{integer}"],
    [:rules, [:remembered, 0, :place], "", "remembered[0].place #{places}"],
    [:changes, [0, :action], :link, "changes[0].action must be :create, :update, :mark or :unmark"],
    [:changes, [0, :key], "001", "changes[0].key is not a Salesforce id"],
    [:changes, [0, :fields, 0, :place], :row, "changes[0].fields[0].place #{places}"]
  ].each do |crossing, path, value, message|
    it "names what is wrong: #{crossing} with #{value.inspect} at #{path.join(".")}" do
      wrong = { **options, crossing => change(options[crossing], *path) { value } }
      expect { calls[crossing].call(wrong) }.to raise_error(ArgumentError, message)
    end
  end

  it "takes the same options without a mistake" do
    expect(calls.values_at(:org, :account).map { |call| call.call(options).class })
      .to eq([described_class::Salesforce, described_class::Zendesk])
    expect(calls[:contact_rules].call(options)).to eq([[]])
    expect { calls[:rules].call(options) }.to raise_error(CrmSync::FileError)
  end

  it "names an element of a list that is an argument" do
    expect { described_class::Comparison.new(%i[text day]) }
      .to raise_error(ArgumentError, "kinds[1] must be :any, :text, :number, :checkbox, :date or :drop_down")
  end

  it "has Structs that take no member that they do not have" do
    [described_class::Accepted, described_class::Finished, described_class::Stored].each do |form|
      expect { form.new(colour: 1) }.to raise_error(ArgumentError, /colour/)
    end
  end
end
