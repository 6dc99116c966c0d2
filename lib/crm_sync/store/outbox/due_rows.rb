# frozen_string_literal: true

require_relative "../../salesforce/record_id"

module CrmSync
  # Finds the records whose turn it is among those of an {Outbox}, and their rows. Rows behind one that waits, or is
  # given up, do not go either: they would be undone by it. An id may stand there in either spelling.
  class DueRows
    # What is needed of a row to send it: thousands of objects of the model cost more than all that is done with them.
    Row = Struct.new(:id, :object, :record_id, :fields, :cause, :attempts)
    # SQL for the part of an id that is the same in both spellings.
    SHORT_ID = "SUBSTR(record_id, 1, 15)"
    # SQL for what says whether it is a record's turn.
    TURN = "MAX(attempts) < ? AND (MAX(next_attempt_at) IS NULL OR MAX(next_attempt_at) <= ?)"
    private_constant :SHORT_ID, :TURN

    # @param rows [ActiveRecord::Relation] all that waits
    def initialize(rows)
      @rows = rows
    end

    # @return [Array<Array(String, Array<String>)>] the records in the order in which they were recorded: each an object
    #   with the spellings of its id
    def records
      due = @rows.group(:object, Arel.sql(SHORT_ID)).having(TURN, OutboxRow::ATTEMPTS, Time.current)
      found = due.order(Arel.sql("MIN(id)")).pluck(:object, Arel.sql("MIN(record_id)"), Arel.sql("MAX(record_id)"))
      found.map { |object, *ids| [object, spellings(ids.uniq)] }
    end

    # @param others [Array<Array(String, String)>] objects and ids
    # @return (see #records) those among them
    def among(others)
      records.select { |object, ids| ids.any? { |id| others.include?([object, id]) } }
    end

    # @param records (see #records)
    # @return [Array<Row>] all of their rows, in the order in which they were recorded
    def of(records)
      wanted = records.to_set { |object, ids| [object, ids.first.first(15)] }
      # Ids are spelled out: Rails takes longer over hundreds of parameters than the database does over the rows.
      rows = @rows.where(object: records.map(&:first).uniq).where("record_id IN (?)", records.flat_map(&:last))
      rows.order(:id).pluck(*Row.members).map { |values| Row.new(*values) }
          .select { |row| wanted.include?([row.object, row.record_id.first(15)]) }
    end

    private

    def spellings(ids)
      ids.one? ? ids : ids | RecordId.spellings(ids.first.first(15))
    end
  end
  private_constant :DueRows
end
