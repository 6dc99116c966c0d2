# frozen_string_literal: true

require_relative "../../salesforce/record_id"

module CrmSync
  # Finds the records whose turn it is among those of an {Outbox}, and their rows. Rows behind one that waits, or is
  # given up, do not go either: they would be undone by it. An id may stand there in either spelling.
  class DueRows
    # The columns that are needed of a row to send it.
    COLUMNS = %i[id object record_id fields cause attempts].freeze
    # SQL for the part of an id that is the same in both spellings.
    SHORT_ID = "SUBSTR(record_id, 1, 15)"
    # SQL for a second spelling of an id, where there is one.
    OTHER_ID = "CASE WHEN MIN(record_id) <> MAX(record_id) THEN MAX(record_id) END"
    # SQL for what says whether it is a record's turn.
    TURN = "MAX(attempts) < ? AND (MAX(next_attempt_at) IS NULL OR MAX(next_attempt_at) <= ?)"
    private_constant :COLUMNS, :SHORT_ID, :OTHER_ID, :TURN

    # What a row has in these columns, and its id in 18 characters, where it is one: thousands of objects of the model
    # cost more than all that is done with them.
    Row = Struct.new(*COLUMNS, :long_id) do
      # @return [String] what is the same for all rows of the record, in whichever spelling they have its id
      def same_id = long_id || record_id
    end

    # @param rows [ActiveRecord::Relation] all that waits
    def initialize(rows)
      @rows = rows
    end

    # @return [Array<Array(String, String, String)>] the records in the order in which they were recorded: an object, an
    #   id as rows spell it, and its other spelling, if rows have both
    def records
      due = @rows.group(:object, Arel.sql(SHORT_ID)).having(TURN, OutboxRow::ATTEMPTS, Time.current)
      read(due.order(Arel.sql("MIN(id)")), :object, "MIN(record_id)", OTHER_ID)
    end

    # @param others [Array<Array(String, String)>] objects and ids
    # @return (see #records) those among them
    def among(others)
      records.select { |object, *ids| ids.any? { |id| others.include?([object, id]) } }
    end

    # @param object [String]
    # @param records (see #records) some of this object
    # @return [Array<Row>] all of their rows, in the order in which they were recorded
    def of(object, records)
      ids = records.flat_map { |_, id, other| other ? [id, other] | RecordId.spellings(id.first(15)) : [id] }
      # Ids are spelled out: Rails takes longer over hundreds of parameters than the database does over the rows.
      rows = @rows.where(object:).where("record_id IN (?)", ids).order(:id)
      read(rows, *COLUMNS).map { |values| Row.new(*values).tap { |row| row.long_id = RecordId.long(row.record_id) } }
    end

    private

    # Reads past the types of the model, which make a copy of each text.
    def read(rows, *columns) = @rows.connection.select_rows(rows.select(*columns))
  end
  private_constant :DueRows
end
