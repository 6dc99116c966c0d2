# frozen_string_literal: true

require "active_support/testing/time_helpers"
require_relative "contact_sync_world"

# One plan, written in both ways, each on the same rows: what comes of it is to be the same.
#
#   syncs = both { attribute … }
#   results = write_both(syncs) { what another hand does between plan and apply }
#   expect(results[:set_based]).to eq(results[:records])
module BothWriters
  include ActiveSupport::Testing::TimeHelpers

  WAYS = %i[records set_based].freeze
  ALL = { unlink: 999, demote: 999, clear: 999, contacts: 0, leads: 0, users: 0 }.freeze
  TIMES = %w[created_at updated_at next_attempt_at].freeze

  def self.included(group)
    group.include ContactSyncWorld
  end

  # The declaration twice, under one name.
  def both(name = "BothSync", &declaration) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it
    WAYS.to_h do |way|
      sync = sync_that(name, &declaration) # rubocop:disable Naming/BlockForwarding
      sync.write way
      [way, sync]
    end
  end

  # Writes the plan in both ways, at the same moment, which some texts tell, and returns the results, by way.
  def write_both(syncs)
    plans = syncs.transform_values(&:plan)
    expect(plans.values.map(&:digest).uniq.size).to eq(1)
    yield plans[:records] if block_given?
    keep_rows
    freeze_time do
      plans.transform_values do |plan|
        put_rows_back
        told(plan)
      end
    end
  end

  private

  def told(plan)
    before = salesforce.requests.size
    run = plan.apply(allow: ALL)
    sent = salesforce.requests.drop(before).map { |request| request.values_at("path", "body") }
    { **outcome(run), users: rows(User), logs: rows(SecurityLog, "id").sort_by { |log| log["user_id"] },
                      outbox: rows(CrmSync::OutboxRow, "id").sort_by { |row| row.values_at("record_id", "fields") },
                      sent: sent.sort }
  end

  def outcome(run)
    errors = run.errors.map { |error| timeless(error.to_a) }
    applied = run.applied.map { |change| [change.key, change.action, change.after] }
    put_back = run.issues.select { |issue| issue.kind == :put_back }.map(&:message)
    { status: run.status, errors: in_order(errors), applied: in_order(applied), put_back:,
      stale: in_order(run.stale.map { |change, why| [change.key, why] }) }
  end

  # Sorts the rows: one that a trigger puts back is tried again without it, and then in another order.
  def in_order(rows) = rows.sort_by { |row| row.first.to_s }

  # PostgreSQL shows the row that it refuses, with its times.
  def timeless((key, exception, message))
    [key, exception, swift(message.gsub(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*/, "…"))]
  end

  # Without the seconds that it took, which a busy machine has more of.
  def swift(text) = text.is_a?(String) ? text.sub(/ in \d+\.\d s/, "") : text

  def rows(model, *without)
    model.unscoped.order(:id).map do |row|
      row.attributes.except(*TIMES, *without).transform_values do |value|
        swift(value)
      end
    end
  end

  def keep_rows
    execute("DROP SCHEMA IF EXISTS kept CASCADE", "CREATE SCHEMA kept",
            *tables.map { |table| "CREATE TABLE kept.#{table} AS TABLE #{table}" })
  end

  def put_rows_back
    execute(*tables.flat_map { |table| ["DELETE FROM #{table}", "INSERT INTO #{table} SELECT * FROM kept.#{table}"] })
  end

  def tables
    ActiveRecord::Base.connection.tables
  end

  def execute(*statements)
    ActiveRecord::Base.connection.execute(statements.join("; "))
  end
end
