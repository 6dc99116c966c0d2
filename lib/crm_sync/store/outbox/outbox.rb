# frozen_string_literal: true

require_relative "../../salesforce/outbound"
require_relative "due_rows"
require_relative "outage"
require_relative "outbox_issues"
require_relative "outbox_sifting"
require_relative "sending_turn"

module CrmSync
  # The writes to Salesforce that follow changes. Each is recorded in the transaction of its change, sent afterwards,
  # and tried again until it succeeds or has failed too often. An outbox belongs to one org: writes that were recorded
  # for another org, as in a copy of the database, are not sent.
  class Outbox
    # Seconds before the second attempt. The pause doubles with each further attempt, up to a day.
    FIRST_PAUSE = 1_800
    LONGEST_PAUSE = 86_400
    # The number of records that are sent before their rows are deleted. After a kill, up to this many may be sent
    # again. They are sent in five concurrent calls, which is the number of long calls that a Developer org accepts at
    # once.
    BATCH = 1_000
    # Seconds to wait for rows that another connection has locked.
    LOCK_WAIT = 30.0
    private_constant :FIRST_PAUSE, :LONGEST_PAUSE, :BATCH

    # @param declaration [CrmSync::Internal::Declaration]
    # @param host [CrmSync::Host]
    # @param only_own [Boolean] whether only records are sent for which this object has recorded writes. A call for one
    #   user does not send what waits for others, for which a request of the app would wait
    def initialize(declaration, host, only_own: false)
      @own = [] if only_own
      @sync_name = declaration.kept_as
      @org_host = Salesforce.settings(declaration.org).host
      @host = host
      @home = declaration.home
      @rows = OutboxRow.beside(@home)
    end

    # @param model [Class] the model whose transactions the rows belong to
    # @return [Boolean] whether the migration has been run in the model's database
    def self.installed?(model)
      OutboxRow.beside(model).there?
    end

    # Records writes that are to be sent.
    #
    # @param object [String] such as +"Contact"+
    # @param writes [Array<Array(String, String, String)>] ids, each with its fields and their cause, as JSON
    def record(object, writes)
      # Without model objects: there is a row for every newly confirmed user, and a model object costs as much as a
      # save.
      now = Time.current
      @own&.concat(writes.map { |id, *| [object, id] })
      rows = writes.map do |id, fields, cause|
        { sync: @sync_name, host: @org_host, object:, record_id: id, fields:, cause:, created_at: now, updated_at: now }
      end
      Database.of(@rows).insert(@rows, rows)
    end

    # Sends the rows that are due and still have their cause. The rows of one record are sent as one write, in the order
    # in which they were recorded. They are left to the next run if it is not the {SendingTurn} of this one in time.
    #
    # @param org [CrmSync::Native::Salesforce]
    # @param sifting [OutboxSifting] decides again which rows are sent, and collects those that are given up
    # @return [Array<Run::Failure>] the failures, whose rows stay in the outbox; an outage of Salesforce is a single
    #   failure
    # @raise [CrmSync::Locked] if the lock was lost meanwhile
    def deliver(org, sifting)
      return [] unless any?

      @sifting = sifting
      SendingTurn.new(@sync_name, @home, one_user: !@own.nil?).take do |lock|
        Database.of(@rows).patient(LOCK_WAIT) { send_due(org, lock) }
      end
    rescue ActiveRecord::StatementInvalid => e
      raise unless Database.locked?(e)

      [Run::Failure.new(nil, e.class.name, "write-backs wait for the next run, and some may be sent again: somebody " \
                                           "else keeps rows of #{OutboxRow.table_name} locked")]
    end

    # @return [Array<CrmSync::Issue>] about rows that are not sent
    def issues
      OutboxIssues.new(@sync_name, @org_host, @rows).to_a
    end

    private

    # Returns whether there may be something to send. Otherwise, the lock is neither acquired nor waited for.
    def any? = @own ? @own.any? : due.any?

    # The due records are looked up only once, because the query reads all waiting rows, and not before the lock is
    # held, because somebody else may send them until then. Rows that were moved to another record are looked up again.
    def send_due(org, lock)
      keys = @own ? due.among(@own) : due.records
      failures = []
      while keys.any?
        batch = keys.shift(BATCH)
        lock.check
        outage = send_batches(org, batch, failures)
        return failures << waiting(outage) if outage

        keys.concat(due.among(@sifting.followed)) if keys.empty?
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
      Database.retrying(@rows) { all_rows(sent).delete_all }
      settle(object, failed + undecided, Outage.among(failed.map(&:last), sent) { org.limits(@host) })
    rescue RemoteError => e
      # There was no session, or Salesforce did not say which contacts were merged. Nothing was sent.
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
      Database.retrying(@rows) do
        @rows.where(id: rows.map(&:id)).update_all(["attempts = attempts + 1, next_attempt_at = ?, last_error = ?, " \
                                                    "updated_at = ?", time, text, Time.current])
      end
      what = time ? "will be sent again after #{time.getutc.strftime("%F %R UTC")}" : "is given up"
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
