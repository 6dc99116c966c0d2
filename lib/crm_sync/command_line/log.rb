# frozen_string_literal: true

require "logger"

module CrmSync
  module CommandLine
    # Log lines on stderr, without the time: whoever runs commands has it already. Ruby's own device would swallow a
    # Ctrl-C that comes while it writes.
    class Log < Logger
      # @param level [Integer]
      # @yieldparam line [String]
      def initialize(level, &line)
        super(nil, level:)
        @line = line
      end

      # Takes a line.
      # @return [true]
      def add(severity, message = nil, progname = nil)
        return true if severity < level

        message ||= block_given? ? yield : progname
        @line.call("#{format_severity(severity).downcase}: #{message}")
        true
      end
    end
    private_constant :Log
  end
end
