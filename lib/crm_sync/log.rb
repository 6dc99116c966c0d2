# frozen_string_literal: true

module CrmSync
  # Log lines of one sync, each with the sync's name in front.
  # @api private
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
      define_method(level) { |text| CrmSync.logger.public_send(level, "#{@name}: #{text}") }
    end
  end
end
