# frozen_string_literal: true

require_relative "../../salesforce/record_id"

module CrmSync
  # Finds the records of an {Outbox} that are due, and their rows. If a row waits or is given up, later rows of the same
  # record are not sent either, because the earlier row would overwrite them if it is sent afterwards. The id of a
  # record may be spelled with 15 or with 18 characters.
  class DueRows
    # The columns of a row that are needed to send it.
    COLUMNS = %i[id object record_id fields cause attempts].freeze
    # SQL for the part of an id that is the same in both spellings.
    SHORT_ID = "SUBSTR(record_id, 1, 15)"
    # SQL for the second spelling of an id, if the rows have two.
    OTHER_ID = "CASE WHEN MIN(record_id) <> MAX(record_id) THEN MAX(record_id) END"
    # SQL for the condition that a record is due.
    TURN = "MAX(attempts) < ? AND (MAX(next_attempt_at) IS NULL OR MAX(next_attempt_at) <= ?)"
    private_constant :COLUMNS, :SHORT_ID, :OTHER_ID, :TURN

    # The values of a row in these columns, and its id in 18 characters, if the id is valid. Thousands of model objects
    # would cost more than everything that is done with the rows.
    Row = Struct.new(*COLUMNS, :long_id) do
      # @return [String] a value that all rows of the record share, in whichever spelling they have its id
      def same_id = long_id || record_id
    end

    # @param rows [ActiveRecord::Relation] all rows of a sync and an org
    def initialize(rows)
      @rows = rows
    end

    # @return [Boolean] whether a row is due. Its record may still wait for an older row
    def any?
      @rows.where("attempts < ?", OutboxRow::ATTEMPTS)
           .exists?(["next_attempt_at IS NULL OR next_attempt_at <= ?", Time.current])
    end

    # @return [Array<Array(String, String, String)>] the due records, in the order in which they were recorded: the
    #   object, the id as the rows spell it, and its other spelling, if the rows have both
    def records
      due = @rows.group(:object, Arel.sql(SHORT_ID)).having(TURN, OutboxRow::ATTEMPTS, Time.current)
      read(due.order(Arel.sql("MIN(id)")), :object, "MIN(record_id)", OTHER_ID)
    end

    # @param others [Array<Array(String, String)>] objects and ids
    # @return (see #records) the due records among them; the rows of all others are not looked at
    def among(others)
      return [] if others.empty?

      short = others.map { |_, id| id.first(15) }.uniq
      found = DueRows.new(@rows.where("#{SHORT_ID} IN (?)", short)).records
      found.select { |object, *ids| ids.any? { |id| others.include?([object, id]) } }
    end

    # @param object [String]
    # @param records (see #records) records of this object
    # @return [Array<Row>] all rows of these records, in the order in which they were recorded
    def of(object, records)
      ids = records.flat_map { |_, id, other| other ? [id, other] | RecordId.spellings(id.first(15)) : [id] }
      # The ids are written into the SQL, because Rails takes longer to handle hundreds of parameters than the database
      # takes to find the rows.
      rows = @rows.where(object:).where("record_id IN (?)", ids).order(:id)
      read(rows, *COLUMNS).map { |values| Row.new(*values).tap { |row| row.long_id = RecordId.long(row.record_id) } }
    end

    private

    # Bypasses the types of the model, which copy each text.
    def read(rows, *columns) = Database.connection(@rows).select_rows(rows.select(*columns))
  end
  private_constant :DueRows
end
