# frozen_string_literal: true

require_relative "../salesforce/session_file"
require_relative "../salesforce/session_memory"

module CrmSync
  class Configuration
    # Finds the store that the setting +session_store+ names.
    module SessionStore
      METHODS = %i[read write synchronize].freeze
      private_constant :METHODS

      # @param choice [Symbol, String, Object]
      # @param log [CrmSync::Log]
      # @return [#read, #write, #synchronize]
      # @raise [CrmSync::ConfigurationError] when +choice+ is neither the name of a store nor a store
      def self.for(choice, log)
        return choice if METHODS.all? { |name| choice.respond_to?(name) }

        case choice.to_s
        when "file" then Internal::SessionFile.new(log:)
        when "cache" then Salesforce::SessionCache.new
        when "memory" then Internal::SessionMemory.new
        else
          raise ConfigurationError, "salesforce.session_store must be :file, :cache, :memory, or an object with the " \
                                    "methods read, write and synchronize"
        end
      end
    end
    private_constant :SessionStore
  end
end
