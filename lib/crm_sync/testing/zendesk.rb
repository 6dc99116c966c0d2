# frozen_string_literal: true

require "json"

module CrmSync
  module Testing
    # A Zendesk account on loopback. It has a clock of its own, which can run faster than the real one: jobs, rate
    # limits and tokens live by it.
    #
    # @example
    #   partner = { "name" => "Big Co", "organization_fields" => { "account_type" => "open_partner" } }
    #   fields = [{ key: "account_type", type: :dropdown, custom_field_options: ["open_partner"] }]
    #   zendesk = CrmSync::Testing::Zendesk.start(organizations: [partner], organization_fields: fields)
    #   zendesk.organizations.first["tags"] # => ["open_partner"]
    #   zendesk.stop
    class Zendesk
      class << self
        # Starts a simulator; with a block it stops at its end.
        #
        # @param organizations [Array<Hash>] organizations as the API writes them; what one does not say gets the value
        #   of a new organization
        # @param organization_fields [Array<Hash>] the custom fields: +key+, +type+, +title+, +tag+,
        #   +custom_field_options+ (values, or Hashes with +name+ and +value+), +regexp_for_validation+, +active+
        # @param page_size [Integer] the most organizations on a page, up to 100
        # @param seed [Integer] what is random in the simulator follows from it
        # @param clock_speed [Numeric] simulated seconds per real second
        # @param faults [Array<Hash>] what goes wrong, such as
        #   +{ on: :update_many, times: 1, answer: { item_failures: { count: 2 } } }+
        # @param options [Hash] +job_seconds+, +job_limit+, +too_many_jobs_status+, +job_status_seconds+,
        #   +job_statuses_kept+, +uniqueness_delay+, +per_minute+, +rate_headers+ ("2023" or "2024"), +token_seconds+,
        #   +client_id+, +client_secret+, +email+, +api_token+, +gzip+, +latency_ms+
        # @yieldparam simulator [CrmSync::Testing::Zendesk]
        # @return [CrmSync::Testing::Zendesk, Object] the simulator, or what the block gives
        # @raise [CrmSync::ConfigurationError] in a production environment
        # @raise [ArgumentError] when an option is not known or makes no sense, or an organization cannot be one
        # @example
        #   CrmSync::Testing::Zendesk.start(clock_speed: 100, job_seconds: 7) do |zendesk|
        #     zendesk.url
        #   end
        def start(organizations: [], organization_fields: [], page_size: 100, seed: 0, clock_speed: 1, faults: [],
                  **options)
          Testing.refuse_production!
          simulator = new({ organizations:, organization_fields:, page_size:, seed:, clock_speed:, faults:, **options })
          return simulator unless block_given?

          begin
            yield simulator
          ensure
            simulator.stop
          end
        end
      end

      # @api private
      def initialize(options)
        @native = Native::ZendeskSimulator.start(JSON.generate(options))
      end

      # @return [String] where it listens, such as +"http://127.0.0.1:40123"+
      def url
        @native.url
      end

      # @return [Array<Hash{String => Object}>] the requests that it saw, in order, without secrets; +at+ is in
      #   simulated seconds since the start
      # @example
      #   zendesk.requests.map { |request| request["path"] }
      def requests
        JSON.parse(@native.requests)
      end

      # @return [Array<Hash{String => Object}>] the organizations as they are now, in the order of their ids
      # @example
      #   zendesk.organizations.first["organization_fields"]["mark_for_deletion"]
      def organizations
        JSON.parse(@native.organizations)
      end

      # Puts organizations in the place of all that are there.
      # @param organizations [Array<Hash>]
      # @return [void]
      # @raise [ArgumentError] when one cannot be an organization: an id twice, a custom field that there is not
      # @example
      #   zendesk.replace([])
      def replace(organizations)
        @native.replace(JSON.generate(organizations))
      end

      # @return [Array<Hash{String => Object}>] the jobs in the order in which they were accepted: +id+, +work+ (create
      #   or update), +status+, +total+, +done+, +organization_ids+, +results+, +at+ and +ended_at+ (simulated seconds)
      # @example
      #   zendesk.jobs.count { |job| job["status"] == "completed" }
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
      # @raise [ArgumentError] when they are negative
      # @example
      #   zendesk.advance(3_600)
      def advance(seconds)
        @native.advance(Float(seconds))
      end

      # Stops it. What it saw and has can still be read.
      # @return [void]
      def stop
        @native.stop
      end

      # @return [String]
      def inspect
        "#<#{self.class.name} #{url}>"
      end
    end
  end
end
