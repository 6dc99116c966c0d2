# frozen_string_literal: true

require_relative "aside"

module CrmSync
  # Log lines of one sync, each with the sync's name in front. All lines of ours go through here.
  class Log
    def initialize(name)
      @name = name
    end

    # @return [Integer] the least severity that the logger takes: 0 is debug
    def severity
      # Asked like this because a level need not be a number: some loggers have Symbols.
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
