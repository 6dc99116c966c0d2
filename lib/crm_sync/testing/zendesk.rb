# frozen_string_literal: true

require_relative "simulator"

module CrmSync
  module Testing
    # A simulated Zendesk account on loopback. While it runs, the configured instances point to it, and no client of
    # this gem connects to any other host. It has its own clock, which can run faster than the real one: jobs, rate
    # limits and tokens follow it.
    #
    # @example
    #   partner = { "id" => 1, "name" => "Big Co", "organization_fields" => { "account_type" => "open_partner" } }
    #   fields = [{ key: "account_type", type: :dropdown, custom_field_options: ["open_partner"] }]
    #   zendesk = CrmSync::Testing::Zendesk.start(organizations: [partner], organization_fields: fields)
    #   CrmSync::Zendesk.client.update_many([{ id: 1, notes: "Call Ann" }])
    #   zendesk.organizations.first["notes"] # => "Call Ann"
    #   zendesk.stop
    class Zendesk < Simulator
      # Settings that make failures quick; +settings+ of {start} overrides them.
      SETTINGS = { attempts: 3, retry_delay: 0.01 }.freeze
      # Settings that each select another way to sign in than client credentials.
      OTHER_CREDENTIALS = %i[token email api_token].freeze
      private_constant :SETTINGS, :OTHER_CREDENTIALS

      class << self
        # Starts a simulator and points the configuration at it until it stops. With a block, it stops at the end of the
        # block; without one, it runs until {#stop} or the end of the process.
        #
        # @param organizations [Array<Hash>] organizations as the API writes them; an attribute that is not given gets
        #   the value that it has in a new organization
        # @param organization_fields [Array<Hash>] the custom fields: +key+, +type+, +title+, +tag+,
        #   +custom_field_options+ (values, or Hashes with +name+ and +value+), +regexp_for_validation+, +active+
        # @param page_size [Integer] the maximum number of organizations on a page, up to 100
        # @param seed [Integer] the seed of everything that is random in the simulator
        # @param clock_speed [Numeric] simulated seconds per real second
        # @param faults [Array<Hash>] the faults, such as +{ on: :update_many, times: 1, answer: { item_failures: {
        #   count: 2 } } }+
        # @param settings [Hash] settings of the client while the simulator runs, such as +read_timeout: 0.5+ (seconds)
        # @param instance [Symbol, nil] the only instance that points to the simulator; nil for all instances without a
        #   simulator of their own
        # @param options [Hash] +job_seconds+, +job_limit+, +too_many_jobs_status+, +job_status_seconds+,
        #   +job_statuses_kept+, +uniqueness_delay+, +search_delay+, +squeezes_blanks+, +puts_back+ (attributes and
        #   fields), +poison+ (+text+, +status+, +message+), +max_job_bytes+, +per_minute+, +rate_headers+ ("2023" or
        #   "2024"), +token_seconds+, +client_id+, +client_secret+, +email+, +api_token+, +gzip+, +latency_ms+
        # @yieldparam simulator [CrmSync::Testing::Zendesk]
        # @return [CrmSync::Testing::Zendesk, Object] the simulator, or the result of the block
        # @raise [CrmSync::ConfigurationError] in a production environment
        # @raise [ArgumentError] when an option or a setting is unknown or invalid, or an organization is invalid
        # @example
        #   CrmSync::Testing::Zendesk.start(clock_speed: 100, job_seconds: 7, instance: :usgov) do |zendesk|
        #     CrmSync::Zendesk.client(:usgov).create(name: "Big Co")
        #     expect(zendesk.organizations.size).to eq(1)
        #   end
        def start(organizations: [], organization_fields: [], page_size: 100, seed: 0, clock_speed: 1, faults: [],
                  settings: {}, instance: nil, **options, &block)
          options = { organizations:, organization_fields:, page_size:, seed:, clock_speed:, faults:, **options }
          started(options, settings, instance, &block)
        end
      end

      # @api private
      def initialize(options, settings, instance)
        super(Native::ZendeskSimulator.start(JSON.generate(options)), "Zendesk", instance) do
          client_settings(options, settings)
        end
      end

      # @return [Array<Hash{String => Object}>] the current organizations, in the order of their ids
      # @example
      #   zendesk.organizations.first["organization_fields"]["mark_for_deletion"]
      def organizations
        JSON.parse(@native.organizations)
      end

      # Replaces all organizations.
      # @param organizations [Array<Hash>]
      # @return [void]
      # @raise [ArgumentError] when an organization is invalid, such as one with an id that occurs twice or an unknown
      #   custom field
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
      # @raise [ArgumentError] when the number is negative
      # @example
      #   zendesk.advance(3_600)
      def advance(seconds)
        @native.advance(Float(seconds))
      end

      private

      def client_settings(options, settings)
        given = settings.keys.intersect?(OTHER_CREDENTIALS) ? {} : credentials(options)
        # With a clock that is slower than the real one, a second stays a real second: such a clock is moved by hand,
        # and no client waits for it.
        second = [1.0 / options[:clock_speed], 1.0].min
        Configuration::ZendeskSettings.new(:simulator, host: url, second:, **given, **SETTINGS, **settings)
      end
    end
  end
end
