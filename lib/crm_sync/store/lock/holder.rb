# frozen_string_literal: true

require "socket"

module CrmSync
  class Lock
    # The holder of a lock, and the time since when. For people only, never to decide whether the lock is held.
    Holder = Struct.new(:who, :since) do
      # @return [Holder] the current process, from now on
      def self.here
        new("process #{Process.pid} on #{Socket.gethostname}", Time.now.utc.strftime("%F %T UTC"))
      end

      # @param kept [Hash{String => Object}] the result of {#to_h}, from a place to which others can write as well
      # @return [Holder, nil]
      def self.from(kept)
        new(*kept.values_at("who", "since").map { |text| Presentable.text(text).presence }) if kept["who"]
      end

      # @return [Hash{String => String}]
      def to_h
        { "who" => who, "since" => since }
      end

      # @return [String]
      def to_s
        [who, ("since #{since}" if since)].compact.join(", ")
      end
    end
  end
end
