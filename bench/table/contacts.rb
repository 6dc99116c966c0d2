# frozen_string_literal: true

require_relative "../data"
require_relative "../measured"
require_relative "read_floor"

module Bench
  # A row of a contact sync: one database and one Salesforce for all ways.
  class Contacts
    WAYS = { ours: "ours", by_uuid: "ours, by UUID", old: "plain Rails", host: "host: saves and hooks",
             floor: "floor: COPY, index, pages",
             set_based: "ours, set_based, after_batch", set_floor: "floor: COPY, UPDATE, log rows" }.freeze
    private_constant :WAYS

    def initialize(title, contacts, users, kind, ways)
      @title = title
      @sizes = [contacts, users]
      @kind = kind
      @ways = ways
    end

    def title(options)
      format("%s, %d contacts, %d users", @title, *sizes(options))
    end

    # Yields the ways, by their titles.
    def with(options)
      contacts, users = sizes(options)
      database = Data.new(contacts, users, linked: @kind != :first)
      with_salesforce(contacts, options[:latency]) do |url|
        # As it is between the runs of a day, which remember each other.
        measure(:ours, database.url, url) if @kind == :steady
        yield @ways.to_h { |way| [WAYS.fetch(way), -> { database.with_copy { |copy| measure(way, copy, url) } }] }
      end
    ensure
      database&.drop
    end

    private

    def sizes(options)
      given = options.values_at(:contacts, :users)
      @sizes.zip(given).map { |size, other| other || (size * options[:scale]).to_i }
    end

    def with_salesforce(contacts, latency)
      arguments = [contacts, @kind, latency].map(&:to_s)
      org = IO.popen([RbConfig.ruby, File.expand_path("../org.rb", __dir__), *arguments], "r+")
      yield org.gets.strip
    ensure
      org&.close
    end

    def measure(way, database, salesforce)
      return ReadFloor.new(database, salesforce).measure if way == :floor

      name = way == :set_based ? :set_based_batches : way
      env = { "DATABASE_URL" => database, "CRM_SYNC_SALESFORCE_HOST" => salesforce,
              "CRM_SYNC_SALESFORCE_CLIENT_ID" => "x", "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => "x" }
      Measured.child("child.rb", name, env:)
    end
  end
end
