# frozen_string_literal: true

require_relative "simulated"

# The four moments at which a run can be caught: while Salesforce is silent, while the database works, and in the middle
# of a write, after the first of three, which has been committed or belongs to the same batch.
module Moments
  # A condition that takes the database a while, and is true.
  SLOW = {
    sqlite: "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 800000) SELECT MAX(i) FROM n) > 0",
    postgresql: "(SELECT 1 FROM pg_sleep(0.2)) = 1"
  }.freeze

  # A sync that stops at a moment, and what waits until it is there.
  Moment = Struct.new(:sync, :faults, :reached, :written)

  # The first try fails, which is logged by the thread that waits: from then on it waits for the second.
  def fetch_moment(_kind)
    waiting = Queue.new
    logger = Logger.new(nil).tap { |quiet| quiet.define_singleton_method(:warn) { |_| waiting << true } }
    CrmSync.configuration.logger = logger
    once = { on: :query, object: "Contact", times: 1, answer: { error: { status: 500, code: "UNKNOWN_EXCEPTION" } } }
    then_silence = { on: :query, object: "Contact", answer: :hang }
    Moment.new(UpdateUserSalesforceInfo, [once, then_silence], -> { waiting.pop }, 0)
  end

  def read_moment(kind)
    begun = Queue.new
    listen_for(/\ADECLARE /) { begun << true }
    # SQLite announces no reading, but its statement is made just before.
    stub_const("SlowUser", Class.new(User) do
      default_scope do
        begun << true if kind == :sqlite
        where(SLOW.fetch(kind))
      end
    end)
    Moment.new(small_sync("SlowUser"), [], -> { begun.pop }, 0)
  end

  def write_moment(_kind)
    caught_in_second.tap { |moment| moment.sync.write(:records, batch: 1) }
  end

  def batch_moment(_kind)
    caught_in_second.tap { |moment| moment.written = 0 }
  end

  def caught_in_second
    writing = Queue.new
    block = lambda do
      next if SecurityLog.count == 1 # the first may pass

      writing << true
      sleep # until somebody ends it
    end
    Moment.new(small_sync("User", &block), [], -> { writing.pop }, 1)
  end

  # A sync of the model whose hook leaves a row, and then does what the block does.
  def small_sync(model, &hook)
    stub_const("SmallSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.class_eval do
        contacts "Contact"
        model model, foreign_key: :salesforce_contact_id
        match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
        attribute :faculty_status, from: "Faculty_Verified__c",
                                   map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
        after_transition :faculty_status, to: :confirmed_faculty do |user, change|
          SecurityLog.create!(user:, event_type: :faculty_verified, event_data: change.audit)
          hook&.call
        end
      end
    end
  end

  # Runs the block for each statement that matches, as Rails announces it.
  def listen_for(pattern)
    @subscribers = [*@subscribers, ActiveSupport::Notifications.subscribe("sql.active_record") do |*, payload|
      yield payload[:sql] if payload[:sql].match?(pattern)
    end]
  end

  # Work on a thread and a connection of its own, as a host's job has it.
  def job(&work) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it within a block
    Thread.new do
      Thread.current.report_on_exception = false
      ActiveRecord::Base.connection_pool.with_connection(&work) # rubocop:disable Naming/BlockForwarding
    end
  end

  RSpec.configure do |config|
    config.include self
    config.after { CrmSync.configuration.logger = nil }
    config.after { @subscribers&.each { |subscriber| ActiveSupport::Notifications.unsubscribe(subscriber) } }
  end
end
