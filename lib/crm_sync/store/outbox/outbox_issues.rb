# frozen_string_literal: true

module CrmSync
  # Issues about rows of the {Outbox} that are not sent.
  class OutboxIssues
    # @param sync_name [String]
    # @param org_host [String] the host of the org that is written to
    # @param rows [Class] the model of the outbox
    def initialize(sync_name, org_host, rows)
      @sync_name = sync_name
      @org_host = org_host
      @rows = rows
    end

    # @return [Array<CrmSync::Issue>] one about all rows that were given up, and one about all rows of other orgs, if
    #   there are any
    def to_a
      any? ? [given_up, others].compact : []
    end

    private

    # Checks for both with one query, because there are mostly none.
    def any?
      @rows.where(sync: @sync_name).exists?(["host <> ? OR attempts >= ?", @org_host, OutboxRow::ATTEMPTS])
    end

    def given_up
      rows = @rows.where(sync: @sync_name, host: @org_host).given_up.order(:id)
      return unless (last = rows.last)

      ids = rows.pluck(:record_id).uniq
      Issue.new(kind: :undelivered, message: given_up_message(last, ids), contacts: ids)
    end

    def others
      counts = @rows.where(sync: @sync_name).where.not(host: @org_host).group(:host).order(:host).count
      Issue.new(kind: :other_org, message: others_message(counts)) if counts.any?
    end

    def given_up_message(last, ids)
      rows = "#{@rows.spelling}.where(sync: #{@sync_name.inspect}, host: #{@org_host.inspect}).given_up"
      "write-backs to #{last.object} #{Presentable.list(ids)} did not work #{OutboxRow::ATTEMPTS} times " \
        "and are not sent any more, nor is what was recorded for the same records later. The last one: " \
        "#{last.last_error}. When that is mended, send them again with #{rows}.send_again, or forget them with " \
        "#{rows}.delete_all"
    end

    def others_message(counts)
      hosts = counts.map { |host, count| "#{Presentable.text(host)} (#{Presentable.counted(count, "row")})" }.join(", ")
      rows = "#{@rows.spelling}.where(sync: #{@sync_name.inspect}).where.not(host: #{@org_host.inspect})"
      "write-backs that were recorded for #{hosts} are not sent to #{@org_host}: the database is a copy, or the " \
        "org has another host now. Forget them with #{rows}.delete_all, or, if it is the same org, take them over " \
        "with #{rows}.update_all(host: #{@org_host.inspect})"
    end
  end
  private_constant :OutboxIssues
end
