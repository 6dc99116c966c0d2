# frozen_string_literal: true

require "active_support/core_ext/array/wrap"
require "time"
require_relative "simulator"

module CrmSync
  module Testing
    # A simulated Salesforce org on loopback. While it runs, every configured org points to it, so that no client of
    # this gem connects to any other host. It has its own clock, which can be put forward: the timestamps of records,
    # the dates of responses and the days of the quota follow it.
    #
    # @example
    #   contact = { "Id" => "003…", "Email" => "a@b.edu" }
    #   salesforce = CrmSync::Testing::Salesforce.start(records: { "Contact" => [contact], "Lead" => [] })
    #   UpdateUserSalesforceInfo.call
    #   salesforce.stop
    class Salesforce < Simulator
      # Settings that make failures quick and store no session; +settings+ of {start} overrides them.
      SETTINGS = { attempts: 3, retry_delay: 0.01, session_store: :memory }.freeze
      # An id, and the characters of its suffix, each of which says which of five characters are capitals.
      ID = /\A[A-Za-z0-9]{15}(?:[A-Z0-5]{3})?\z/
      SUFFIX = [*"A".."Z", *"0".."5"].freeze
      private_constant :SETTINGS, :ID, :SUFFIX

      class << self
        # Starts a simulator and points the configuration at it until it stops. With a block, it stops at the end of the
        # block; without one, it runs until {#stop} or the end of the process.
        #
        # @param records [Hash{String => Array<Hash>}] records by object; their keys are the API names of the fields
        # @param page_size [Integer] the number of rows on a page
        # @param seed [Integer] the seed of everything that is random in the simulator
        # @param clock [Time, String, nil] the time at which the simulator's clock begins; nil for the time of the
        #   machine
        # @param clock_speed [Numeric] simulated seconds per real second; with 0.001, the clock almost stands still, and
        #   is moved by {#advance}
        # @param faults [Array<Hash>] the faults, such as +{ on: :query, skip: 1, times: 1, answer: :hang }+; see
        #   docs/testing.md for all of them
        # @param settings [Hash] settings of the client while the simulator runs, such as +read_timeout: 0.5+ (seconds)
        # @param options [Hash] +fields+, +required+, +external_ids+, +unique+, +picklists+, +shuffle+, +gzip+,
        #   +latency_ms+, +client_id+, +client_secret+, +page_sizes+, +locator_prefix+, +query_timeout_rows+,
        #   +bulk_polls+, +bulk_ms+, +bulk_page_size+, +bulk_result_pages+, +strip_headers+, +view_all_data+
        # @yieldparam simulator [CrmSync::Testing::Salesforce]
        # @return [CrmSync::Testing::Salesforce, Object] the simulator, or the result of the block
        # @raise [CrmSync::ConfigurationError] in a production environment
        # @raise [ArgumentError] when an option or a setting is unknown or invalid, or a record has a parent inside of
        #   it or an Id that is none
        # @example
        #   CrmSync::Testing::Salesforce.start(records: {}, faults: [{ on: :query, answer: :html }]) do |salesforce|
        #     expect { UpdateUserSalesforceInfo.call }.to raise_error(CrmSync::RemoteError)
        #   end
        def start(records:, page_size: 2_000, seed: 0, clock: nil, clock_speed: 1, faults: [], settings: {}, **options,
                  &block)
          records.each { |object, rows| check(object, rows) } if records.is_a?(Hash)
          clock = clock.getutc.iso8601(3) if clock.respond_to?(:getutc)
          started({ records:, page_size:, seed:, clock:, clock_speed:, faults:, **options }, settings, &block)
        end

        # Refuses records that no org has.
        # @api private
        def check(object, records)
          records = Array.wrap(records).grep(Hash)
          check_fields(object, records)
          check_ids(object, records)
        end

        private

        # Refuses a parent inside of a record, as a query returns it: the simulator would ignore it.
        def check_fields(object, records)
          cells = records.lazy.flat_map(&:to_a)
          parent, = cells.find { |field, value| value.is_a?(Hash) || field.to_s.include?(".") }
          return unless parent

          name = parent.to_s[/\A[^.]+/]
          lookup = name.end_with?("__r") ? name.sub(/r\z/, "c") : "#{name}Id"
          raise ArgumentError, "a record of #{object} has #{parent.inspect}; the simulator finds a parent by " \
                               "its id: give the parent a record of its own, and its id in a field such as #{lookup}"
        end

        # Refuses an id that cannot be Salesforce's: a read of it would fail, with a message that blames Salesforce.
        def check_ids(object, records)
          ids = records.lazy.filter_map { |record| record["Id"] || record[:Id] }
          wrong = ids.find { |id| id != "" && !id?(id) } or return

          raise ArgumentError, "a record of #{object} has the Id #{wrong.inspect}, and an id of Salesforce has 15 " \
                               "letters and digits, or 18, of which the last three follow from the others; leave " \
                               "it out, and the record gets one"
        end

        # The simulators share nothing with the clients, so this is not asked of the core.
        def id?(text)
          return false unless text.is_a?(String) && text.match?(ID)

          capitals = text[0, 15].tr("^A-Z", "0").tr("A-Z", "1").scan(/.{5}/)
          text.size == 15 || text.end_with?(capitals.map { |part| SUFFIX[part.reverse.to_i(2)] }.join)
        end
      end

      # @api private
      def initialize(options, settings)
        super(Native::SalesforceSimulator.start(JSON.generate(options)), "Salesforce", nil) do
          settings = { **credentials(options), **SETTINGS, **settings }
          Configuration::SalesforceSettings.new(:simulator, host: url, **settings)
        end
      end

      # @param object [String] the API name of an object
      # @return [Array<Hash{String => Object}>] the current records of the object
      # @example
      #   salesforce.records("Contact").first["SendFacultyVerificationTo__c"]
      def records(object)
        JSON.parse(@native.records(object))
      end

      # @return [Array<Hash{String => Object}>] the Bulk API jobs that the simulator has received, in order, read jobs
      #   first: +id+, +state+ (such as +"JobComplete"+), +object+, +operation+ (+"query"+, +"queryAll"+, +"insert"+,
      #   +"update"+ or +"upsert"+) and +deleted+
      # @example
      #   salesforce.jobs.reject { |job| job["deleted"] } # => []
      def jobs
        JSON.parse(@native.jobs)
      end

      # @return [Float] simulated seconds since the start
      def now
        @native.now
      end

      # Puts the clock forward.
      # @param seconds [Numeric] simulated seconds
      # @return [void]
      # @raise [ArgumentError] when the number is negative
      # @example
      #   salesforce.advance(300)
      def advance(seconds)
        @native.advance(Float(seconds))
      end

      # Replaces all records of an object.
      # @param object [String]
      # @param records [Array<Hash>]
      # @return [void]
      # @raise [ArgumentError] when a record has a parent inside of it, or an Id that is none
      # @example
      #   salesforce.replace("Contact", [])
      def replace(object, records)
        self.class.check(object, records)
        @native.replace(object, JSON.generate(records))
      end
    end
  end
end
