# frozen_string_literal: true

module CrmSync
  # Answers the core while it works for somebody who waits: it asks where log lines go, and for sessions with
  # Salesforce.
  class Host
    # @param log [CrmSync::Log]
    # @param sessions [CrmSync::Internal::Sessions, nil] none where the core needs none, or signs in by itself
    def initialize(log, sessions = nil)
      @log = log
      @sessions = sessions
    end

    # @return [Integer] the least severity that the log takes: 0 is debug
    def severity
      @log.severity
    end

    # Logs a line.
    def log(level, text)
      @log.public_send(level, text)
    end

    # @param ended [String, nil] an access token that is no good any more
    # @return [Array(String, String)] access token and instance URL
    def session(ended)
      @sessions.open(ended)
    end

    # @return [String] without secrets
    def inspect
      "#<#{self.class.name}>"
    end
  end
  private_constant :Host
end
