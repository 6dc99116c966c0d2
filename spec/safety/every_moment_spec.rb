# frozen_string_literal: true

require "rails_helper"
require_relative "../support/interrupted_host"

# Interrupts whatever opens something on the host's connection, at each moment of its code, in turn.
RSpec.describe "Each moment", timeout: 600 do
  row = { event_type: 1, event_data: {}, created_at: Time.utc(2020) }
  on_each_database do |database|
    before do
      @other = ActiveRecord::Base.connection_pool.checkout
      @watch = Interrupts::Watch.new
      @host = InterruptedHost.new(create_user, method(:look))
    end

    after do
      @watch.stop
      ActiveRecord::Base.connection_pool.checkin(@other)
    end

    # Ctrl-C comes at all moments: no mask holds it up.
    %i[raise ctrl_c].each do |kind|
      it "of a transaction can be hit by #{kind}: it is there as a whole or not, and so is what the host does" do
        [true, false].each do |nested|
          expect(each_moment(kind, nested:, lazy: nested) { two_rows }).to eq([])
        end
      end
    end

    it "of taking the run's lock and giving it back can be hit: nobody has it afterwards" do
      lock = -> { CrmSync::Lock.for("SmallSync", User) }
      wrong = each_moment(:ctrl_c, nested: false, lazy: true) { lock.call.hold(held: ->(_) { raise "held" }) { nil } }
      expect(wrong).to eq([])
      expect(job { lock.call.hold(held: ->(_) { :held }) { :free } }.value).to eq(:free)
    end

    define_method(:locks) { database == :postgresql ? Interrupts.locks_left(@other) : 0 }
  end

  # @return [Array<String>] the problems
  def each_moment(kind, **way, &work)
    work.call # what is done only once is done now
    wrong = []
    (1..).each do |number|
      result = interrupt(kind, number, way, &work)
      wrong.concat(what_is_wrong(result).map { |what| "#{result} at #{number}: #{what}" })
      return wrong unless result.place
    end
  end

  def interrupt(kind, number, way, &)
    sender = Interrupts::Sender.new(kind)
    trigger = Interrupts::Trigger.new(@watch, number, of: Interrupts::Watch::AIMED) { sender.call }
    @host.call(kind, trigger, sender, **way, &)
  ensure
    sender.stop
  end

  def what_is_wrong(result)
    wrong = result.wrong
    wrong << "#{SecurityLog.count} rows" if SecurityLog.count.odd?
    wrong << "locks are held" if locks.positive?
    wrong << "the host's transaction failed: #{result.refused}" if result.refused
    wrong
  end

  define_method(:two_rows) do
    CrmSync::Database.transaction(User.connection) { 2.times { SecurityLog.insert_all!([row]) } }
  end

  # Through a connection that the host does not have.
  def look(id)
    @other.select_rows("SELECT first_name, last_name FROM users WHERE id = #{id}").first
  end
end
