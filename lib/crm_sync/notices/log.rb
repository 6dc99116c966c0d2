# frozen_string_literal: true

require_relative "aside"

module CrmSync
  # Writes the log lines of one sync, or of the clients of a service, each prefixed with the name. All log lines of the
  # gem are written here.
  class Log
    # @param name [String] the name of the sync, or of the service and its org or instance
    # @param service [String, nil] the service that the name has already, so that lines which begin with it do not
    #   repeat it
    def initialize(name, service: nil)
      @name = name
      @repeated = "#{service}: " if service
    end

    # @return [Integer] the lowest severity that the logger accepts; 0 is debug
    def severity
      # Does not ask for the level, which is not always a number: some loggers have Symbols.
      %i[debug? info? warn?].index { |takes| CrmSync.logger.public_send(takes) } || Logger::ERROR
    end

    %i[debug info warn error].each do |level|
      define_method(level) do |text|
        logger = CrmSync.logger
        text = text.delete_prefix(@repeated) if @repeated
        Aside.run { logger.public_send(level, "#{@name}: #{text}") } if logger.public_send("#{level}?")
      end
    end
  end
  private_constant :Log
end
