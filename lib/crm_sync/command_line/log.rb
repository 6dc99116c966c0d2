# frozen_string_literal: true

require "logger"

module CrmSync
  module CommandLine
    # Writes log lines to stderr, without the time, which whoever runs commands has already. It does not use Ruby's log
    # device, which would swallow a Ctrl-C that comes while it writes.
    class Log < Logger
      # @param level [Integer]
      # @yieldparam line [String]
      def initialize(level, &line)
        super(nil, level:)
        @line = line
      end

      # Writes a line if its severity is high enough.
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
