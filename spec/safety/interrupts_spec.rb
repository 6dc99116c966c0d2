# frozen_string_literal: true

require "rails_helper"
require_relative "../support/interrupted_host"

# Interrupted at any moment, a run leaves the connection as it was, and what the host writes next is there.
# `rake interrupts` goes on for as long as one likes, and prints what came of it.
RSpec.describe "A run that is interrupted", timeout: 86_400 do
  minutes = ENV["CRM_SYNC_INTERRUPTS"]&.to_f

  on_each_database do |kind|
    before do
      create_teachers(2)
      @other = ActiveRecord::Base.connection_pool.checkout
      @watch = Interrupts::Watch.new
      @random = Random.new(RSpec.configuration.seed)
      @counts = Hash.new(0)
    end

    after do
      @watch.stop
      ActiveRecord::Base.connection_pool.checkin(@other)
    end

    it "leaves the connection to its host, and the rest to the next run" do
      ways = kind == :postgresql ? %i[records set_based] : %i[records]
      simulate(contacts: 2) do
        syncs = ways.map { |way| small_sync("User").tap { |sync| sync.write way } }
        @moments = syncs.to_h { |sync| [sync, moments_of(sync)] }
        @host = InterruptedHost.new(create_user, method(:look))
        wrong = numbers(minutes).flat_map { |number| attempt(number, kind) }
        expect(wrong.to_a).to eq([])
      end
      report(kind) if minutes
    end
  end

  # Those of the attempts on one of the two databases.
  def numbers(minutes)
    return (1..250) unless minutes

    ends = now + (minutes * 30)
    (1..).lazy.take_while { now < ends }
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end

  # All moments of a run, of which those count that are there in each one.
  def moments_of(sync)
    sync.call
    reset
    Interrupts::Trigger.new(@watch).tap { |trigger| trigger.run { sync.call } }
  end

  # @return [Array<String>] the problems afterwards
  def attempt(number, database)
    reset
    kind = Interrupts::KINDS[number % Interrupts::KINDS.size]
    sync, moments = @moments.to_a.sample(random: @random)
    wanted = number.odd? ? moments.aimed.sample(random: @random) : @random.rand(1..moments.count)
    result = interrupt(kind, wanted, sync)
    wrong = result.wrong + wrong_in_books(database)
    wrong += wrong_after_another(sync) if (number % 10).zero?
    @counts[[kind, wrong.any? ? "wrong" : result.outcome]] += 1
    wrong.map { |what| "#{result} at #{wanted}: #{what}" }
  end

  def interrupt(kind, wanted, sync)
    sender = Interrupts::Sender.new(kind)
    trigger = Interrupts::Trigger.new(@watch, wanted) { sender.call }
    way = { nested: @random.rand(3).zero?, lazy: @random.rand(2).zero? }
    @host.call(kind, trigger, sender, **way) { sync.call }
  ensure
    sender.stop
  end

  def reset
    [SecurityLog, CrmSync::RunRow, CrmSync::ChangeRow, CrmSync::StateRow].each(&:delete_all)
    linked.update_all(salesforce_contact_id: nil, faculty_status: User.column_defaults["faculty_status"])
  end

  # Lists what is wrong: books that do not agree, and locks that are held.
  def wrong_in_books(database)
    held = database == :postgresql ? Interrupts.locks_left(@other) : 0
    wrong = []
    wrong << "linked, logged, in the history: #{books}" if books.uniq.size > 1
    wrong << "#{held} locks are held" if held.positive?
    wrong
  end

  def wrong_after_another(sync)
    before = books
    run = job { sync.call }.value
    books == [2, 2, 2] ? [] : ["the next run makes #{books} of #{before}: #{run}"]
  end

  def books
    [linked, SecurityLog, CrmSync::ChangeRow].map(&:count)
  end

  # Through a connection that the host does not have.
  def look(id)
    @other.select_rows("SELECT first_name, last_name FROM users WHERE id = #{id}").first
  end

  def report(database)
    lines = @counts.sort_by(&:to_s).map { |(kind, outcome), count| format("  %-20s %-32s %7d", kind, outcome, count) }
    RSpec.configuration.reporter.message(["On #{database}:", *lines].join("\n"))
  end
end
