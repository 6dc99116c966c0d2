# frozen_string_literal: true

require_relative "aside"

module CrmSync
  # Writes the log lines of one sync, each prefixed with the sync's name. All log lines of the gem are written here.
  class Log
    def initialize(name)
      @name = name
    end

    # @return [Integer] the lowest severity that the logger accepts; 0 is debug
    def severity
      # Does not ask for the level, which is not always a number: some loggers have Symbols.
      %i[debug? info? warn?].index { |takes| CrmSync.logger.public_send(takes) } || Logger::ERROR
    end

    %i[debug info warn error].each do |level|
      define_method(level) do |text|
        logger = CrmSync.logger
        Aside.run { logger.public_send(level, "#{@name}: #{text}") } if logger.public_send("#{level}?")
      end
    end
  end
  private_constant :Log
end
