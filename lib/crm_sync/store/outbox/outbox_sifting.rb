# frozen_string_literal: true

require_relative "../preemptible"

module CrmSync
  # Decides again what waits in the {Outbox} when its turn has come: what has lost its cause is given up, and told; what
  # was a contact's that has been merged is its winner's.
  class OutboxSifting
    # Records that a message names.
    NAMED = 10
    private_constant :NAMED
    # A write to one record: its fields as JSON, and the rows that ask for it.
    Write = Struct.new(:id, :fields, :rows)

    # @return [Array<Array(String, String)>] objects and ids of the records to which rows have gone over
    attr_reader :followed

    # @param rows [Class] the model of the outbox
    # @param causes [CrmSync::Contacts::Causes]
    def initialize(rows, causes)
      @rows = rows
      @causes = causes
      @followed = []
      @given_up = []
    end

    # @param rows [Array<CrmSync::DueRows::Row>] whose turn it is
    # @yieldparam ids [Array<String>] records
    # @yieldreturn [Hash{String => String}] the winners of those that were merged
    # @return [Array(Array<Write>, Array)] those that go, one for each record, and what could not be decided: pairs of
    #   the record with its row, and of the error
    def sift(rows, &)
      verdicts = @causes.of(rows, &)
      verdicts.each { |row, verdict| settle(row, verdict) }
      undecided = verdicts.select { |_, verdict| verdict.error }
      [writes(going(verdicts)), undecided.map { |row, verdict| [[row.record_id, [row]], verdict.error] }]
    end

    # @return [Array<CrmSync::Issue>] about what was given up
    def issues
      @given_up.group_by(&:first).sort.map { |why, found| issue(why, found.map { |_, *one| one }) }
    end

    private

    def settle(row, verdict)
      follow(row, verdict.follows) if verdict.follows
      give_up(row, verdict) if verdict.why
      forget(row) if verdict.filled
    end

    # What is behind a row that cannot be decided does not go either: it would be undone by it.
    def going(verdicts)
      stuck = verdicts.keys.select { |row| verdicts[row].error }.group_by(&:same_id)
      ready = verdicts.select { |_, verdict| verdict.fields }
      return ready if stuck.empty?

      ready.select do |row, _|
        stuck.fetch(row.same_id, []).none? { |other| other.id < row.id }
      end
    end

    # The newest value of each field, but for one that only fills. An id may stand there in either spelling, and a
    # record is written once a call.
    def writes(going)
      Preemptible.new(going.keys.group_by(&:same_id)).map do |id, rows|
        first, *others = going.values_at(*rows)
        fields = others.reduce(first.fields) do |all, verdict|
          verdict.fills ? verdict.fields.merge(all) : all.merge(verdict.fields)
        end
        Write.new(id, Outbound.json(fields), rows)
      end
    end

    # It is tried as if it were new: that the loser could not be written says nothing of the winner.
    def follow(row, id)
      @rows.where(id: row.id).update_all(record_id: id, attempts: 0, next_attempt_at: nil, updated_at: Time.current)
      @followed |= [[row.object, id]]
    end

    def forget(row)
      @rows.where(id: row.id).delete_all
    end

    def give_up(row, verdict)
      forget(row)
      @given_up << [verdict.why, row.object, row.record_id, verdict.user]
    end

    def issue(why, found)
      ids = found.map { |_, id, _| id }.uniq
      more = " and #{Presentable.count(ids.size - NAMED)} more" if ids.size > NAMED
      message = "#{Presentable.counted(found.size, "write-back")} that waited to go to #{found.first.first} " \
                "#{ids.first(NAMED).join(", ")}#{more} will not be sent, because #{why}"
      Issue.new(kind: :withdrawn, message:, contacts: ids, users: found.map(&:last).uniq)
    end
  end
  private_constant :OutboxSifting
end
