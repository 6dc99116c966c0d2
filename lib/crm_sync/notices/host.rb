# frozen_string_literal: true

module CrmSync
  # Answers requests of the core while it works: the core asks where log lines go, and for sessions with Salesforce.
  class Host
    # @param log [CrmSync::Log]
    # @param sessions [CrmSync::Internal::Sessions, nil] nil if the core needs no sessions, or signs in by itself
    def initialize(log, sessions = nil)
      @log = log
      @sessions = sessions
    end

    # @return [Integer] the lowest severity that the logger accepts; 0 is debug
    def severity
      @log.severity
    end

    # Logs a line.
    def log(level, text)
      @log.public_send(level, text)
    end

    # @param ended [String, nil] an access token that is no longer valid
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
