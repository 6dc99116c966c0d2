# frozen_string_literal: true

require_relative "../notices/confidential"

module CrmSync
  class Run
    # A record that could not be saved, or a value that could not be sent.
    Failure = Struct.new(:key, :exception, :message) do
      include Confidential

      # @return [String] one line
      def to_s
        [("#{key}:" if key), message, "(#{exception})"].compact.join(" ")
      end

      # @return [String]
      def inspect
        "#<#{self.class.name} #{self}>"
      end

      # Returns the Hash that Rails converts to JSON.
      # @return [Hash{String => Object}]
      def as_json(*)
        Confidential.plain(to_h)
      end
    end
  end
end
