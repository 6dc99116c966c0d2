# frozen_string_literal: true

require_relative "ending"
require_relative "rows"

module CrmSync
  module Zendesk
    # Reads and writes a Zendesk account. Reads stream their rows, and either return all of them or raise; requests stay
    # within the account's limits; and every row that is written gets a result of its own. One client may be used by
    # many threads.
    #
    # @example
    #   client = CrmSync::Zendesk.client
    #   client.organizations.each { |organization| … }
    class Client
      # @api private
      def initialize(name = :default)
        @name = name
        @log = Log.new("Zendesk", service: "Zendesk")
      end

      # Reads all organizations. The first request is sent when the first row is taken, and pages are fetched as fast as
      # rows are taken: a caller who stops early (+first+, +break+, an exception) stops the fetching.
      #
      # @return [Enumerator<Hash{String => Object}>] organizations as the API writes them
      # @raise [CrmSync::RemoteError] while rows are taken, when the organizations cannot be read, or not completely
      # @example
      #   client.organizations.lazy.reject { |row| row["external_id"] }.map { |row| row["name"] }.first(10)
      def organizations
        Enumerator.new do |rows|
          each_page { |page| page.each { |row| rows << row } }
        end
      end

      # Returns the custom fields of organizations, including inactive ones. Zendesk ignores values of any other key.
      #
      # @return [Array<Hash{String => Object}>] +"key"+, +"type"+ (such as +"dropdown"+), +"title"+, +"active"+, +"tag"+
      #   (which a checked checkbox sets) and +"options"+, which are Hashes with +"name"+ and +"value"+
      # @raise [CrmSync::RemoteError]
      # @example
      #   client.organization_fields.select { |field| field["active"] }.map { |field| field["key"] }
      def organization_fields
        with_host { |account, host| account.organization_fields(host) }
      end

      # Creates an organization. If the answer is lost, the client looks for the organization before it tries again.
      #
      # @param row [Hash{String, Symbol => Object}] the attributes of the organization
      # @return [Integer] the id
      # @raise [ArgumentError] when the row is invalid
      # @raise [CrmSync::RemoteError] when Zendesk refuses the organization, ignores a part of it, or nobody can tell
      #   whether it exists; the message says which, and which organization has a name or external id that is taken
      # @example
      #   client.create(name: "Big Co", organization_fields: { account_type: "open_partner" }) # => 6164110656794
      def create(row)
        json = Rows.create(row)
        created = with_host { |account, host| account.create(json, host) }
        error = Ending.new(created).error("the creation of an organization")
        error ? raise(error) : created.id
      end

      # Updates organizations by jobs of 100, several jobs at once. Each row succeeds or fails independently of the
      # others. Of +organization_fields+, only the given keys change.
      #
      # @param rows [Array<Hash{String, Symbol => Object}>] any number, each with its +id+ and the attributes that
      #   change
      # @return [Array<CrmSync::Error, nil>] the error of each row, or nil
      # @raise [ArgumentError] when a row is invalid; the message has the number of the row, counted from 1
      # @example
      #   client.update_many([{ id: 6164110656794, notes: "Call Ann" }]).compact # => []
      def update_many(rows)
        updates = Rows.updates(rows)
        endings = Array.new(updates.size)
        stopped = write(updates) { |item| endings[item.index] = Ending.new(item) }
        updates.zip(endings).map do |(id, _attributes), ending|
          ending.error("the update of organization #{id}", stopped:)
        end
      end

      # Returns the state of a job. Zendesk forgets jobs after an hour to a day.
      #
      # @param id [String]
      # @return [Hash{String => Object}] +"id"+, +"status"+ (such as +"working"+ or +"completed"+, which does not say
      #   whether the items succeeded), +"total"+, +"progress"+, +"message"+ and +"results"+
      # @raise [CrmSync::RemoteError] with status 404 when Zendesk has no such job
      # @example
      #   client.job("V3-ffeda191e5930dbdd60038ab658da2bf")["results"]
      def job(id)
        raise ArgumentError, "a job's id is a text that is not blank" unless id.is_a?(String) && id.present?

        with_host { |account, host| account.job(id, host) }
      end

      # @return [String] without secrets
      def inspect
        "#<#{self.class.name} #{@name}>"
      end

      private

      # Reads the settings for each call, because a simulator may have replaced the account in the meantime.
      def with_host
        yield Zendesk.settings(@name).native, Host.new(@log)
      end

      def each_page
        with_host do |account, host|
          query = Native::OrganizationQuery.start(account, host)
          while (page = query.next(host))
            yield page
          end
        ensure
          query&.stop(host)
        end
      end

      # Yields the end of each update as it comes. Returns the reason why the writes ended early, or nil.
      def write(updates, &)
        with_host do |account, host|
          writing = Native::OrganizationWriting.start(account, [], updates, [], host)
          while (events = writing.next(host))
            events.grep(Native::Finished, &)
          end
          writing.stopped
        ensure
          writing&.stop(host)
        end
      end
    end
  end
end
