# frozen_string_literal: true

require "json"

module CrmSync
  module Testing
    # Base class of the simulators. One that was started without a block runs until it is stopped or the process ends,
    # whether or not anybody keeps the object; without the object, only until a newer one takes its place.
    class Simulator
      class << self
        private

        # Returns a new simulator. With a block, yields the simulator, stops it, and returns the result of the block.
        def started(*arguments)
          refuse_production
          simulator = new(*arguments)
          return simulator unless block_given?

          begin
            yield simulator
          ensure
            simulator.stop
          end
        end

        def refuse_production
          environments = [ENV.fetch("RAILS_ENV", nil), ENV.fetch("RACK_ENV", nil),
                          (Rails.env if defined?(Rails) && Rails.respond_to?(:env))]
          return unless environments.include?("production")

          raise ConfigurationError, "crm_sync's simulators do not start in production"
        end
      end

      # @param native [Object] the native simulator, which is running
      # @param service [String] the name of the service
      # @param instance [Symbol, nil] the only instance that points to the simulator; nil for all instances without a
      #   simulator of their own
      # @yieldreturn [CrmSync::Configuration::Settings] the settings of clients while the simulator runs
      def initialize(native, service, instance)
        @native = native
        @redirect = CrmSync.redirect.begin(service, instance, yield, native)
      end

      # @return [String] the URL on which the simulator listens, such as +"http://127.0.0.1:40123"+
      def url
        @native.url
      end

      # @return [Array<Hash{String => Object}>] the requests that the simulator has received, in order, without secrets;
      #   with Zendesk each also has +at+, in simulated seconds since the start
      # @example
      #   salesforce.requests.map { |request| request["path"] }
      def requests
        JSON.parse(@native.requests)
      end

      # Stops the simulator; no configuration points to it any more. Its requests and records can still be read.
      # @return [void]
      def stop
        CrmSync.redirect.end(@redirect)
        @native.stop
      end

      # @return [String]
      def inspect
        "#<#{self.class.name} #{url}>"
      end

      private

      def credentials(options)
        { client_id: options.fetch(:client_id, "simulator"), client_secret: options.fetch(:client_secret, "simulator") }
      end
    end
    private_constant :Simulator
  end
end
