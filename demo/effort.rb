# frozen_string_literal: true

# Counts the cost of a piece of work, in requests and in the Zendesk simulator's own seconds.
class Effort
  # The purposes of requests, by method and the end of the path.
  PURPOSES = { "creations" => %w[POST /organizations], "jobs" => %w[PUT /update_many],
               "looks at jobs" => %w[GET /job_statuses/show_many],
               "looks at organizations right before they are written" => %w[GET /organizations/show_many] }.freeze

  # The documented open loop: jobs of so many organizations, and so many seconds of sleep after so many jobs.
  CHUNK = 100
  JOBS = 20
  SLEEP = 30

  attr_reader :seconds, :requests

  # @return [Integer] the seconds that the open loop sleeps for lists of so many organizations each
  def self.open_loop(*lists)
    lists.sum { |size| (size.to_f / CHUNK).ceil / JOBS * SLEEP }
  end

  def initialize(zendesk)
    before = zendesk.requests.size
    started = zendesk.now
    yield
    @seconds = zendesk.now - started
    @requests = zendesk.requests.drop(before)
  end

  def to_s
    PURPOSES.map { |what, wanted| "#{requests.count { |request| wanted == kind(request) }} #{what}" }.join(", ")
  end

  private

  def kind(request)
    path = request["path"].delete_prefix("/api/v2")
    [request["method"], PURPOSES.values.map(&:last).find { |ending| path.end_with?(ending) }]
  end
end
