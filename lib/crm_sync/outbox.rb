# frozen_string_literal: true

require "json"

module CrmSync
  # What has to be written to Salesforce after a change: recorded in the change's transaction, sent afterwards, and kept
  # until it is seen to have worked.
  # @api private
  class Outbox
    # Made by the migration.
    TABLE = "crm_sync_outbox"
    # Records that are sent before it is written down that they were: so many may be sent again after a kill.
    BATCH = 50
    private_constant :BATCH

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
    # @param writes [Array<Array(String, Hash{String => Object})>] ids, each with its fields
    def record(object, writes)
      # Not through objects of the model: there is one for every newly confirmed user, and it costs as much as a save.
      now = Time.current
      OutboxRow.insert_all!(writes.map do |id, fields|
        { sync: @sync_name, object:, record_id: id, fields: JSON.generate(fields), created_at: now, updated_at: now }
      end)
    end

    # Sends what waits. Rows for one record go out as one write, in the order in which they were recorded.
    #
    # @param org [CrmSync::Native::Salesforce]
    # @return [Array<Run::Failure>] what did not work, and stays
    def deliver(org)
      waiting.group_by(&:object).flat_map do |object, rows|
        rows.group_by(&:record_id).each_slice(BATCH).flat_map { |records| send_batch(org, object, records) }
      end
    end

    private

    def waiting
      OutboxRow.where(sync: @sync_name).order(:id).to_a
    end

    def send_batch(org, object, records)
      writes = records.map { |id, rows| [id, JSON.generate(rows.map { |row| JSON.parse(row.fields) }.reduce(:merge))] }
      results = org.update(object, writes, @host)
      failed, sent = records.zip(results).partition { |_, error| error }
      OutboxRow.where(id: sent.flat_map { |(_, rows), _| rows.map(&:id) }).delete_all
      failed.map { |(id, rows), error| keep(object, id, rows, error) }
    end

    def keep(object, id, rows, error)
      text = Presentable.text(error.message)
      OutboxRow.where(id: rows.map(&:id)).update_all(["attempts = attempts + 1, last_error = ?, updated_at = ?", text,
                                                      Time.current])
      Run::Failure.new(nil, error.class.name,
                       "the write-back to #{object} #{id} did not work and will be sent again: #{text}")
    end
  end
end
