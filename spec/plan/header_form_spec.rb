# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/partner_world"

# A plan file that somebody has changed and sealed anew, at every place in it.
RSpec.describe CrmSync::HeaderForm do
  # What takes the place of each value; :gone leaves it out.
  odd = [:gone, nil, 7, "x", [7], { "x" => nil }]

  def path
    File.join(scratch, "sync.plan")
  end

  def lines
    File.readlines(path).map { |line| JSON.parse(line) }.tap(&:pop)
  end

  def seal(lines)
    text = lines.map { |line| "#{JSON.generate(line)}\n" }.join
    File.write(path, "#{text}#{JSON.generate(seal: CrmSync::Signature.of(text))}\n")
  end

  # The ways to all values in a value of JSON.
  def ways(value, way = [])
    names = { Hash => :keys.to_proc, Array => ->(list) { list.each_index.to_a } }[value.class]
    found = names ? names.call(value).flat_map { |name| ways(value[name], [*way, name]) } : []
    way.empty? ? found : [way, *found]
  end

  def put(value, way, odd)
    name, *rest = way
    value.dup.tap do |copy|
      next copy[name] = put(copy[name], rest, odd) if rest.any?
      next copy[name] = odd unless odd == :gone

      copy.is_a?(Hash) ? copy.delete(name) : copy.delete_at(name)
    end
  end

  # All that a plan says, so that nothing in it turns out to be wrong later.
  def show
    plan = CrmSync::Plan.load(path)
    [plan.to_s, plan.to_json, plan.kept, plan.issues.map(&:to_s), plan.ledger.to_s]
  end

  def outcome
    show && :shown
  rescue CrmSync::StalePlan => e
    e.message
  end

  # Returns the outcomes of all changed files: messages, or :shown.
  def outcomes(whole, values)
    whole.each_with_index.flat_map do |line, number|
      ways(line).product(values).map do |way, value|
        seal(whole.map.with_index { |other, place| place == number ? put(line, way, value) : other })
        outcome
      end
    end
  end

  def refused(whole, way, value)
    seal([put(whole.first, way, value), *whole.drop(1)])
    outcome
  end

  context "of a contact sync" do
    include ContactSyncWorld

    using_database :sqlite

    before do
      claimed = [contact("ann@b.edu"), contact("ann@b.edu")]
      create_user(email: "ann@b.edu")
      create_user(email: "bob@b.edu")
      linked = contact("cid@b.edu", faculty: "Rejected")
      linked_user(linked, faculty_status: :confirmed_faculty)
      salesforce_has contact("bob@b.edu", faculty: "Confirmed"), linked, *claimed
      UpdateUserSalesforceInfo.plan.save(path)
    end

    it "is refused, or shown, whatever stands in it", timeout: 300 do
      messages = outcomes(lines, odd).tally
      expect(messages).to include(:shown, /header has no proper issues\.0\.kind, so somebody changed it; plan again/,
                                  /has a change \(link\) without a proper premises\.address; plan again/)
    end

    it "is refused where it names a value of another form, or numbers that do not add up" do
      whole = lines
      { %w[origin] => nil, %w[issues] => {}, %w[ledger changes] => :gone, %w[whole] => 1, %w[read lines] => [nil],
        ["source_check", "sources", 0, "filled", "Email"] => -1,
        %w[source_check last] => { "users" => { "day" => [[1, 2]] } } }.each do |way, value|
        expect(refused(whole, way, value)).to include("its header has no proper #{way.first}")
      end
      expect(refused(whole, %w[ledger contacts rows], 99)).to include("its ledger does not balance")
    end

    it "ignores what it says beside that" do
      whole = lines
      expect(refused(whole, ["issues", 0, "more"], 1)).to be(:shown)
      expect(refused(whole, ["source_check", "sources", 0, "more"], 1)).to be(:shown)
      expect(refused(whole, %w[read summary blocked], true)).to be(:shown)
      expect(CrmSync::Plan.load(path).summary).to include(blocked: false)
    end

    it "is loaded with all that a source is remembered by" do
      UpdateUserSalesforceInfo.plan.apply
      UpdateUserSalesforceInfo.plan.save(path)
      expect(lines.first.dig("source_check", "last", "contacts").keys)
        .to include("rows", "filled", "followed", "unknown", "day", "drift", "seen")
      expect(outcome).to be(:shown)
    end
  end

  context "of an organization sync" do
    include PartnerWorld

    before do
      partners([account(1), account(2, Account_Owner_Calc__c: "New")], [organization(2), organization(3)])
      PartnerSync.plan.save(path)
    end

    it "is refused, or shown, whatever stands in it", timeout: 300 do
      messages = outcomes(lines, odd).tally
      expect(messages).to include(:shown, /has a change \(update\) without a proper before\.organization_fields/)
    end
  end
end
