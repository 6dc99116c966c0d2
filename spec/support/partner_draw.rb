# frozen_string_literal: true

require_relative "partner_rows"

# Partners and a Zendesk, drawn at random: who is on which side, what Zendesk makes of what it is told, what goes wrong
# on the way, and whom the integration user may not see.
class PartnerDraw
  include PartnerRows

  ARCHITECT = "005000000000001AAA"
  POISON = "poison"
  OWNERS = ["Owner 1", "New", "Ann  B.", POISON, nil].freeze
  # For the last two, no case of the declaration holds.
  TRACKS = %w[Open Open Select Select].push("Odd", nil).freeze
  # The fields that a trigger may put back.
  FIELDS = %w[account_owner account_type support_hold mark_for_deletion].freeze
  TROUBLES = [
    { on: :create, answer: :lost_answer }, { on: :create, answer: :close },
    { on: :update_many, answer: :lost_answer },
    { on: :update_many, answer: { item_failures: { count: 2, details: "no" } } },
    { on: :update_many, answer: :too_many_jobs }, { on: :job_status, answer: :html },
    { on: :any, answer: { status: { status: 503, body: "" } } }
  ].freeze
  private_constant :ARCHITECT, :OWNERS, :TRACKS, :FIELDS, :TROUBLES

  # @return [Array<Hash>] the two sides as they are
  attr_reader :accounts, :organizations
  # @return [Array<Integer>] partners whose architect is hidden, and accounts that are gone without a trace
  attr_reader :hidden, :vanished
  # @return [Hash] habits of Zendesk, as options of the simulator
  attr_reader :habits
  # @return [Array<Hash>] the faults, each of which comes a few times
  attr_reader :faults

  # @param size [Integer] so many partners at most
  # @param random [Random]
  def initialize(size, random)
    @random = random
    @numbers = (1..size).to_a
    draw_sides
    @hidden = some(numbers_of_accounts)
    @vanished = some(@numbers - numbers_of_accounts)
    @habits = [lag, poison, stubborn, squeezing, small_jobs].compact.reduce({}, :merge)
    @faults = Array.new(random.rand(0..3)) { trouble } + old_count
  end

  # The accounts as they come where some of the users that they name cannot be seen.
  def seen_accounts
    names = hidden.map { |number| account_id(number) }
    accounts.map { |row| names.include?(row["Id"]) ? { **row, "Solutions_Architect_Lookup__c" => ARCHITECT } : row }
  end

  # @return [Array<String>] keys of accounts whose values Zendesk cannot take
  def poisoned
    return [] unless habits.key?(:poison)

    accounts.select { |row| row["Account_Owner_Calc__c"] == POISON }.map { |row| row["Id"] }
  end

  # @return [Array<String>] keys of accounts that have no track with a kind of partner
  def trackless
    accounts.reject { |row| %w[Open Select].include?(row["Partner_Track__c"]) }.map { |row| row["Id"] }
  end

  # @return [Array<Symbol>] the drawn kinds
  def kinds
    answers = faults.map { |fault| (fault[:answer].is_a?(Hash) ? fault[:answer].keys.first : fault[:answer]).to_sym }
    sides = { hidden_parents: hidden, vanished:, poisoned_rows: poisoned, trackless: }
    sides = sides.select { |_, found| found.any? }.keys
    habits.keys + answers.uniq + sides
  end

  private

  # Some are on one side only, some are different, some are marked.
  def draw_sides
    @accounts = @numbers.sample(@random.rand(1..@numbers.size), random: @random).map { |number| partner(number) }
    @organizations = @numbers.sample(@random.rand(0..@numbers.size), random: @random).map do |number|
      organization(number, mark_for_deletion: one_in(4), account_owner: pick(OWNERS - [POISON]),
                           support_hold: one_in(3), solutions_architect: pick(["Ann", nil]))
    end
  end

  def partner(number)
    account(number, Account_Owner_Calc__c: pick(OWNERS), Partner_Track__c: pick(TRACKS),
                    Name: "Partner#{" " * @random.rand(1..2)}#{number}")
  end

  def lag
    pick([{}, { search_delay: 3_600 }, { search_delay: 3_600, uniqueness_delay: 3_600 }])
  end

  def poison
    { poison: { text: POISON, status: pick([nil, 400, 422]), message: "it is spoilt" }.compact } if one_in(2)
  end

  def stubborn
    { puts_back: FIELDS.sample(@random.rand(1..2), random: @random) } if one_in(3)
  end

  def squeezing
    { squeezes_blanks: true } if one_in(3)
  end

  # One organization always fits.
  def small_jobs
    { max_job_bytes: @random.rand(600..2_000) } if one_in(3)
  end

  def trouble
    { **pick(TROUBLES), skip: @random.rand(2), times: 1 }
  end

  # It was taken a day ago: since then there are more, or by far fewer, which ends the run that is told so.
  def old_count
    return [] unless one_in(3)

    value, times = pick([[@random.rand(0..@organizations.size), 99], [40, 1]])
    [{ on: :count, times:, answer: { old_count: { value:, seconds_ago: 86_400 } } }]
  end

  def numbers_of_accounts
    accounts.map { |row| row["Id"][3, 12].to_i }
  end

  def some(numbers)
    one_in(2) ? numbers.select { one_in(3) } : []
  end

  def one_in(count)
    @random.rand(count).zero?
  end

  def pick(values)
    values.sample(random: @random)
  end
end
