# frozen_string_literal: true

require_relative "../../salesforce/outbound"
require_relative "due_rows"
require_relative "outage"
require_relative "outbox_issues"
require_relative "outbox_sifting"

module CrmSync
  # Writes to Salesforce that follow changes: recorded in the change's transaction, sent afterwards, and kept
  # until it is seen to have worked, or has failed too often. It belongs to one org: what was recorded for another one,
  # as in a copy of the database, is not sent.
  class Outbox
    # Seconds until the second attempt; they double from there on, up to a day.
    FIRST_PAUSE = 1_800
    LONGEST_PAUSE = 86_400
    # Records that are sent before it is written down that they were: so many may be sent again after a kill. They go in
    # five calls side by side, which is as many long ones as a Developer org takes at once.
    BATCH = 1_000
    # Seconds that one waits for rows that somebody has locked.
    LOCK_WAIT = 30.0
    private_constant :FIRST_PAUSE, :LONGEST_PAUSE, :BATCH

    # @param declaration [CrmSync::Internal::Declaration]
    # @param host [CrmSync::Host]
    def initialize(declaration, host)
      @sync_name = declaration.kept_as
      @org_host = Salesforce.settings(declaration.org).host
      @host = host
      @rows = OutboxRow.beside(declaration.home)
    end

    # @param model [Class] whose transactions the rows belong to
    # @return [Boolean] whether the migration has been run, in the model's database
    def self.installed?(model)
      OutboxRow.beside(model).there?
    end

    # @param object [String] such as +"Contact"+
    # @param writes [Array<Array(String, String, String)>] ids, each with its fields and with their cause, as JSON
    def record(object, writes)
      # Not through objects of the model: there is one for every newly confirmed user, and it costs as much as a save.
      now = Time.current
      rows = writes.map do |id, fields, cause|
        { sync: @sync_name, host: @org_host, object:, record_id: id, fields:, cause:, created_at: now, updated_at: now }
      end
      Database.for(@rows.connection).insert(@rows, rows)
    end

    # Sends what is due and still has its cause. Rows for one record go out as one write, in the order in which they
    # were recorded.
    #
    # @param org [CrmSync::Native::Salesforce]
    # @param lock [CrmSync::Lock] without which nothing more is sent
    # @param sifting [OutboxSifting] decides again what goes, and hears what is given up
    # @return [Array<Run::Failure>] the failures, whose rows stay; one for all where it is Salesforce that does not work
    # @raise [CrmSync::Locked] when the lock was lost meanwhile
    def deliver(org, lock, sifting)
      @sifting = sifting
      keys = due.records
      keys.empty? ? [] : Database.for(@rows.connection).patient(LOCK_WAIT) { send_due(org, lock, keys) }
    rescue ActiveRecord::StatementInvalid => e
      raise unless Database.locked?(e)

      [Run::Failure.new(nil, e.class.name, "write-backs wait for the next run, and some may be sent again: somebody " \
                                           "else keeps rows of #{OutboxRow.table_name} locked")]
    end

    # @return [Array<CrmSync::Issue>] about what is not sent
    def issues
      OutboxIssues.new(@sync_name, @org_host, @rows).to_a
    end

    private

    # Looked for once: that goes through all that waits. A row that has gone over to another record is looked for again.
    def send_due(org, lock, keys)
      failures = []
      while keys.any?
        batch = keys.shift(BATCH)
        lock.check
        outage = send_batches(org, batch, failures)
        return failures << waiting(outage) if outage

        keys.concat(due.among(@sifting.followed)) if keys.empty? && @sifting.followed.any?
      end
      failures
    end

    def send_batches(org, keys, failures)
      keys.group_by(&:first).each do |object, records|
        failed, outage = send_batch(org, object, due.of(object, records))
        failures.concat(failed)
        return outage if outage
      end
      nil
    end

    def own
      @rows.where(sync: @sync_name, host: @org_host)
    end

    def due = DueRows.new(own)

    def send_batch(org, object, rows)
      writes, undecided = @sifting.sift(rows) { |ids| org.merged(object, ids, @host) }
      errors = org.write(object, :update, "", writes.map { |write| [write.id, write.fields] }, @host).map(&:error)
      failed, sent = writes.map { |write| [write.id, write.rows] }.zip(errors).partition(&:last)
      all_rows(sent).delete_all
      settle(object, failed + undecided, Outage.among(failed.map(&:last), sent) { org.limits(@host) })
    rescue RemoteError => e
      # A session that had to be renewed, and could not be. Rows that have gone out go again.
      [[], Outage.new(e)]
    end

    def settle(object, failed, outage)
      own = failed.reject { |_, error| outage&.reason_for?(error) }
      [own.map { |(id, rows), error| keep(object, id, rows, error) }, outage]
    end

    def all_rows(results)
      @rows.where("id IN (?)", results.flat_map { |(_, rows), _| rows.map(&:id) })
    end

    def keep(object, id, rows, error)
      text = Presentable.text(error.message)
      attempts = rows.map(&:attempts).max + 1
      time = Time.current + pause(attempts) if attempts < OutboxRow::ATTEMPTS
      @rows.where(id: rows.map(&:id)).update_all(["attempts = attempts + 1, next_attempt_at = ?, last_error = ?, " \
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
  end
  private_constant :Outbox
end
