# frozen_string_literal: true

require_relative "../preemptible"

module CrmSync
  # Decides again on rows of the {Outbox} when they are due. Rows that have lost their cause are given up and reported.
  # Rows of a contact that was merged move to the winner.
  class OutboxSifting
    # A write to one record: its fields as JSON, and the rows that it consists of.
    Write = Struct.new(:id, :fields, :rows)

    # @return [Array<Array(String, String)>] objects and ids of the records to which rows were moved
    attr_reader :followed

    # @param rows [Class] the model of the outbox
    # @param causes [CrmSync::Contacts::Causes]
    def initialize(rows, causes)
      @rows = rows
      @causes = causes
      @followed = []
      @given_up = []
    end

    # Decides on rows.
    #
    # @param rows [Array<CrmSync::DueRows::Row>] rows that are due
    # @yieldparam ids [Array<String>] ids of records
    # @yieldreturn [Hash{String => String}] the winners of the records that were merged
    # @return [Array(Array<Write>, Array)] the writes to send, one for each record, and the rows that could not be
    #   decided on: pairs of the record with its row, and of the error
    def sift(rows, &)
      verdicts = @causes.of(rows, &)
      verdicts.each { |row, verdict| settle(row, verdict) }
      undecided = verdicts.select { |_, verdict| verdict.error }
      [writes(going(verdicts)), undecided.map { |row, verdict| [[row.record_id, [row]], verdict.error] }]
    end

    # @return [Array<CrmSync::Issue>] about the rows that were given up
    def issues
      @given_up.group_by(&:first).sort.map { |why, found| issue(why, found.map { |_, *one| one }) }
    end

    private

    def settle(row, verdict)
      follow(row, verdict.follows) if verdict.follows
      give_up(row, verdict) if verdict.why
      forget(row) if verdict.filled
    end

    # If a row cannot be decided on, later rows of the same record are not sent either, because the undecided row would
    # overwrite them afterwards.
    def going(verdicts)
      stuck = verdicts.keys.select { |row| verdicts[row].error }.group_by(&:same_id)
      ready = verdicts.select { |_, verdict| verdict.fields }
      return ready if stuck.empty?

      ready.select do |row, _|
        stuck.fetch(row.same_id, []).none? { |other| other.id < row.id }
      end
    end

    # Merges the rows of each record. The newest value of each field counts, except that a row that only fills fields
    # does not overwrite earlier values. Rows are grouped by record because an id may have two spellings, and a call may
    # write a record only once.
    def writes(going)
      Preemptible.new(going.keys.group_by(&:same_id)).map do |id, rows|
        first, *others = rows.map { |row| going[row] }
        fields = others.reduce(first.fields) do |all, verdict|
          verdict.fills ? verdict.fields.merge(all) : all.merge(verdict.fields)
        end
        Write.new(id, Outbound.json(fields), rows)
      end
    end

    # The row counts as new, because a failed write to the loser says nothing about the winner.
    def follow(row, id)
      values = { record_id: id, attempts: 0, next_attempt_at: nil, updated_at: Time.current }
      Database.retrying(@rows) { @rows.where(id: row.id).update_all(values) }
      @followed |= [[row.object, id]]
    end

    def forget(row)
      Database.retrying(@rows) { @rows.where(id: row.id).delete_all }
    end

    def give_up(row, verdict)
      forget(row)
      @given_up << [verdict.why, row.object, row.record_id, verdict.user]
    end

    def issue(why, found)
      ids = found.map { |_, id, _| id }.uniq
      message = "#{Presentable.counted(found.size, "write-back")} that waited to go to #{found.first.first} " \
                "#{Presentable.list(ids)} will not be sent, because #{why}"
      Issue.new(kind: :withdrawn, message:, contacts: ids, users: found.map(&:last).uniq)
    end
  end
  private_constant :OutboxSifting
end
