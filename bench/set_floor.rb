# frozen_string_literal: true

# The least that the changes of a plan cost when they are written as a set: COPY into a temporary table, an UPDATE that
# looks whether each record is still as it was, and a log row for each, in one transaction.
class SetFloor
  def initialize
    @rows = UpdateUserSalesforceInfo.plan.changes.map { |change| row(change) }
    @columns = UpdateUserSalesforceInfo.plan.changes.first.after.keys
    @connection = ActiveRecord::Base.connection.raw_connection
  end

  def call
    @connection.transaction do
      @connection.exec("CREATE TEMPORARY TABLE given ON COMMIT DROP AS SELECT id, #{names} FROM users WITH NO DATA")
      @connection.copy_data("COPY given FROM STDIN", PG::TextEncoder::CopyRow.new) do
        @rows.each { |row| @connection.put_copy_data(row) }
      end
      @connection.exec("ANALYZE given")
      @connection.exec("UPDATE users SET #{@columns.map { |name| "#{name} = given.#{name}" }.join(", ")}, " \
                       "updated_at = now() FROM given " \
                       "WHERE users.id = given.id AND users.salesforce_contact_id IS NULL")
      @connection.exec("INSERT INTO security_logs (user_id, event_type, event_data, created_at) " \
                       "SELECT id, #{SecurityLog.event_types[:faculty_verified]}, '{}', now() FROM given")
    end
    "#{@rows.size} written"
  end

  private

  def names = @columns.join(", ")

  def row(change)
    values = change.after.map { |name, value| User.type_for_attribute(name).serialize(value) }
    [change.key, *values].map { |value| value&.to_s }
  end
end
