# frozen_string_literal: true

require "json"
require_relative "outage"

module CrmSync
  # What has to be written to Salesforce after a change: recorded in the change's transaction, sent afterwards, and kept
  # until it is seen to have worked, or has failed too often.
  # @api private
  class Outbox
    # Made by the migration.
    TABLE = "crm_sync_outbox"
    # After so many it is given up.
    ATTEMPTS = 10
    # Seconds until the second attempt; they double from there on, up to a day.
    FIRST_PAUSE = 1_800
    LONGEST_PAUSE = 86_400
    # Records that are sent before it is written down that they were: so many may be sent again after a kill.
    BATCH = 50
    # Records that a message names.
    NAMED = 10
    private_constant :FIRST_PAUSE, :LONGEST_PAUSE, :BATCH, :NAMED

    def initialize(sync_name, host)
      @sync_name = sync_name
      @host = host
    end

    # @param model [Class] whose transactions the rows belong to
    # @return [Boolean] whether the migration has been run, in the model's database
    def self.installed?(model)
      OutboxRow.connection_pool == model.connection_pool && OutboxRow.connection.table_exists?(TABLE)
    end

    # @param object [String] such as +"Contact"+
    # @param id [String]
    # @param fields [Hash{String => Object}]
    def record(object, id, fields)
      # Not through an object of the model: there is one for every newly confirmed user, and it costs as much as a save.
      now = Time.current
      OutboxRow.insert!({ sync: @sync_name, object:, record_id: id, fields: JSON.generate(fields), created_at: now,
                          updated_at: now })
    end

    # Sends what is due. Rows for one record go out as one write, in the order in which they were recorded.
    #
    # @param org [CrmSync::Native::Salesforce]
    # @param lock [CrmSync::Lock] without which nothing more is sent
    # @return [Array<Run::Failure>] what did not work, and stays; one for all where it is Salesforce that does not work
    # @raise [CrmSync::Locked] when the lock was lost meanwhile
    def deliver(org, lock)
      now = Time.current
      failures = []
      until (records = due(now)).empty?
        lock.check
        records.group_by { |(object, _), _| object }.each do |object, batch|
          failed, outage = send_batch(org, object, batch.map { |(_, id), rows| [id, rows] })
          failures.concat(failed)
          return failures << waiting(outage) if outage
        end
      end
      failures
    end

    # @return [Array<CrmSync::Issue>] one about all that is given up, if there is any
    def issues
      rows = own.given_up.order(:id)
      return [] unless (last = rows.last)

      ids = rows.pluck(:record_id).uniq
      [Issue.new(kind: :undelivered, message: given_up_message(last, ids), contacts: ids)]
    end

    private

    def own
      OutboxRow.where(sync: @sync_name)
    end

    # The records whose turn it is, with all of their rows. As long as one row waits, or is given up, those behind it do
    # not go either: they would be undone by it.
    def due(now)
      turn = "MAX(attempts) < ? AND (MAX(next_attempt_at) IS NULL OR MAX(next_attempt_at) <= ?)"
      keys = own.group(:object, :record_id).having(turn, ATTEMPTS, now).order(Arel.sql("MIN(id)")).limit(BATCH)
                .pluck(:object, :record_id)
      own.where(object: keys.map(&:first).uniq, record_id: keys.map(&:last)).order(:id).to_a
         .group_by { |row| [row.object, row.record_id] }.slice(*keys)
    end

    def send_batch(org, object, records)
      errors = org.update(object, records.map { |id, rows| [id, merged(rows)] }, @host)
      failed, sent = records.zip(errors).partition(&:last)
      all_rows(sent).delete_all
      settle(object, failed, Outage.among(failed.map(&:last)) { org.limits(@host) })
    rescue RemoteError => e
      # A session that had to be renewed, and could not be. What has gone out goes again.
      [[], Outage.new(e)]
    end

    def settle(object, failed, outage)
      own = failed.reject { |_, error| outage&.reason_for?(error) }
      [own.map { |(id, rows), error| keep(object, id, rows, error) }, outage]
    end

    def merged(rows)
      JSON.generate(rows.map { |row| JSON.parse(row.fields) }.reduce(:merge))
    end

    def all_rows(results)
      OutboxRow.where(id: results.flat_map { |(_, rows), _| rows.map(&:id) })
    end

    def keep(object, id, rows, error)
      text = Presentable.text(error.message)
      attempts = rows.map(&:attempts).max + 1
      time = Time.current + pause(attempts) if attempts < ATTEMPTS
      OutboxRow.where(id: rows.map(&:id)).update_all(["attempts = attempts + 1, next_attempt_at = ?, last_error = ?, " \
                                                      "updated_at = ?", time, text, Time.current])
      what = time ? "will be sent again after #{time.utc.strftime("%F %R UTC")}" : "is given up"
      Run::Failure.new(nil, error.class.name, "the write-back to #{object} #{id} did not work and #{what}: #{text}")
    end

    def pause(attempts)
      [FIRST_PAUSE * (2**(attempts - 1)), LONGEST_PAUSE].min
    end

    def waiting(outage)
      Run::Failure.new(nil, outage.error.class.name,
                       "write-backs wait for the next run: #{Presentable.text(outage.error.message)}")
    end

    def given_up_message(last, ids)
      more = " and #{Presentable.count(ids.size - NAMED)} more" if ids.size > NAMED
      rows = "CrmSync::OutboxRow.where(sync: #{@sync_name.inspect}).given_up"
      "write-backs to #{last.object} #{ids.first(NAMED).join(", ")}#{more} did not work #{ATTEMPTS} times and are " \
        "not sent any more, nor is what was recorded for the same records later. The last one: #{last.last_error}. " \
        "When that is mended, send them again with #{rows}.send_again, or forget them with #{rows}.delete_all"
    end
  end
end
