# frozen_string_literal: true

require_relative "../support/partner_draw"
require_relative "../support/partner_world"
require_relative "../support/shrinking"

# Promises P2, P3 and P7 of the organization sync, over random partners, a Zendesk with habits of its own, trouble on
# the way, and users and accounts that cannot be seen:
#
# * nothing is lost: Zendesk comes to what it comes to without trouble, but for what it does not take, and each
#   difference is told in each run;
# * nothing is created twice;
# * one bad row takes no other along;
# * what cannot be known is kept;
# * no organization leaves the managed ones or comes without being one, and who has no kind of partner is told;
# * once nothing is left to do nothing is sent, but what failed for a row that Zendesk cannot take;
# * the books of each run balance.
#
# WORLDS=500 takes more of them; one that has failed is run by itself with -e "world 17."
RSpec.describe "What an organization sync promises" do
  include PartnerWorld
  include Shrinking

  worlds = Integer(ENV.fetch("WORLDS", 15))

  # It reads partners of any track, also those that no case of the declaration names.
  let!(:sync) do
    partners_with { accounts "Account", key: "Account_ID_18__c", also: %w[Type], where: "Type = 'Partner'" }
  end
  let(:allow_all) { { mark: 99, clear: 99, accounts: 0, organizations: 0, linked: 0 } }
  # More than there are troubles and reads in which accounts must not be there.
  let(:most_runs) { 9 }

  # Returns the organizations of Zendesk where nothing goes wrong, all can be seen, and it takes what it is told.
  def expected(world)
    partners(world.accounts, world.organizations)
    2.times { run }
    expect(run.status).to eq(:unchanged)
    held = rows
    world.hidden.each { |number| keep_architect(held, world, account_id(number)) }
    held
  ensure
    stop
  end

  # It cannot be known, so it stays as it was. An account that has no kind of partner may have no organization.
  def keep_architect(held, world, key)
    return unless held.key?(key)

    stood = world.organizations.find { |row| row["organization_fields"]["salesforce_id"] == key }
    held.fetch(key).first["solutions_architect"] = stood && stood["organization_fields"]["solutions_architect"]
  end

  # Names and fields by account; the fields that a new organization lacks are blank.
  def rows
    by_account.transform_values do |found|
      found.map { |row| { "name" => row["name"], **row["organization_fields"] }.compact }
    end
  end

  def stop
    [@zendesk, @salesforce].each(&:stop)
  end

  # One that could not read a side has sent nothing, and the next one tries again.
  def run
    sync.call(allow: allow_all).tap { |run| expect(run.ledger).to be_balanced }
  rescue CrmSync::RemoteError => e
    @failure = e
    nil
  end

  # Returns whether nothing is left to do, but for rows that Zendesk cannot take.
  def at_rest?(run, world)
    return false if run.nil? || run.issues.any? { |issue| issue.kind == :not_visible }

    [run.applied, run.stale, run.put_back, run.held, run.errors.map(&:key) - world.poisoned].all?(&:empty?)
  end

  def told(run)
    run.errors.map(&:key) + run.issues.flat_map(&:accounts)
  end

  # Expects the wanted rows, but for fields that are excused, and that each row that differs is told.
  def expect_kept(world, wanted, told)
    held = rows
    expect(held.transform_values(&:size)).to eq(wanted.transform_values { 1 })
    held.each do |key, (found)|
      differing = different(world, found, wanted.fetch(key).first)
      expect(differing - excused(world, key)).to eq([]), "#{key}: #{found}, not #{wanted.fetch(key).first}"
      expect(told).to include(key) if differing.any?
    end
  end

  # The names of the fields that differ; blanks count where Zendesk leaves them.
  def different(world, found, wanted)
    meant = ->(value) { world.habits.key?(:squeezes_blanks) && value ? value.to_s.squish : value.to_s }
    (found.keys | wanted.keys).reject { |name| meant.call(found[name]) == meant.call(wanted[name]) }
  end

  # The fields that may differ: all of a row that is not taken, and those that a trigger puts back.
  def excused(world, key)
    return PartnerWorld::TEXTS + PartnerWorld::CHECKBOXES + %w[name account_type] if world.poisoned.include?(key)

    world.habits.fetch(:puts_back, [])
  end

  def live_in(world)
    wanted = expected(world)
    partners(world.seen_accounts, world.organizations, vanished: world.vanished,
                                                       zendesk: { **world.habits, faults: world.faults })
    last = nil
    most_runs.times { break if at_rest?(last = run, world) }
    expect(at_rest?(last, world)).to be(true), "it does not come to rest: #{last ? last.problems : @failure}"
    expect_kept(world, wanted, told(last))
    expect_managed(world, last)
    expect_rest(world)
  ensure
    stop
  end

  # A trigger may put back what makes an organization a managed one.
  def expect_managed(world, run)
    kinds = zendesk.organizations.map { |row| row["organization_fields"]["account_type"] }
    expect(kinds - PartnerWorld::TYPES.grep(/_partner/)).to eq([]) unless excused(world, nil).include?("account_type")
    issues = run.issues.select { |issue| issue.kind == :unmanaged_value }
    expect(issues.flat_map(&:accounts)).to match_array(world.trackless)
  end

  # A further run changes nothing, and tries nothing but rows that Zendesk cannot take.
  def expect_rest(world)
    stood = zendesk.organizations
    sent = writes.size
    expect(at_rest?(run, world)).to be(true)
    expect(zendesk.organizations).to eq(stood)
    expect(writes.drop(sent).flat_map { |request| keys_of(request) } - world.poisoned).to eq([])
  end

  # The accounts whose organizations a request writes.
  def keys_of(request)
    ids = JSON.parse(request["body"])["organizations"].map { |row| row["id"] }
    zendesk.organizations.select { |row| ids.include?(row["id"]) }
           .map { |row| row["organization_fields"]["salesforce_id"] }
  end

  worlds.times do |seed|
    it "is kept, in world #{seed}." do
      shrinking(12) { |size| live_in(PartnerDraw.new(size, Random.new(seed))) }
    end
  end
end
