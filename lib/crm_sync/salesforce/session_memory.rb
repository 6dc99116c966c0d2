# frozen_string_literal: true

require_relative "../notices/confidential"

module CrmSync
  module Internal
    # Keeps sessions in this process only: for simulators, and where nothing may be stored.
    class SessionMemory
      include Confidential

      def initialize
        @mutex = Mutex.new
        @records = {}
      end

      # @return [Hash, nil]
      def read(key)
        @records[key]
      end

      # @return [void]
      def write(key, record)
        @records[key] = record
      end

      # Runs the block for one thread at a time.
      def synchronize(_key, &)
        @mutex.synchronize(&)
      end
    end
  end
end
