# frozen_string_literal: true

module CrmSync
  # An outage of the remote side, and not a fault of what was sent there: the sign-in is refused, the quota is
  # used up, every write is refused, nobody answers, or the time was up.
  class Outage
    # Neither is ever one record's own.
    EVERYBODYS = [AuthenticationError, QuotaExceeded].freeze
    # The statuses of a refusal that is about the address, the version or the user's rights. That of a single row comes
    # in an answer of 200.
    OF_ALL_WRITES = [*300..399, 403, 404, 405, 410].freeze
    private_constant :EVERYBODYS, :OF_ALL_WRITES

    class << self
      # @param errors [Array<CrmSync::Error>] of writes that failed
      # @yield asks the remote side for something that it can always give: where it does not answer that either, the
      #   writes are not to blame
      # @return [Outage, nil]
      def among(errors, &)
        error = errors.find { |one| everybodys?(one) || of_all_writes?(one) }
        error ||= silence(errors, &) || errors.find { |one| untried?(one) }
        error && new(error)
      end

      # @return [Boolean] whether the sign-in or the quota is to blame
      def everybodys?(error)
        EVERYBODYS.include?(error.class)
      end

      # @return [Boolean] whether a write was refused with all others, and none of them is to blame
      def of_all_writes?(error)
        error.is_a?(RemoteError) && OF_ALL_WRITES.include?(error.status)
      end

      # @return [Boolean] whether there was no answer, or one that tells of no mistake in what was sent
      def unanswered?(error)
        error.is_a?(RemoteError) && (error.status.nil? || error.status >= 500)
      end

      # @return [Boolean] whether a write's turn did not come before the time was up
      def untried?(error)
        error.instance_of?(RemoteError) && error.status.nil? && error.seconds.zero?
      end

      private

      def silence(errors)
        yield if errors.any? { |error| unanswered?(error) && !untried?(error) }
        nil
      rescue RemoteError => e
        e if everybodys?(e) || unanswered?(e)
      end
    end

    # @return [CrmSync::Error] the error of the outage
    attr_reader :error

    def initialize(error)
      @error = error
    end

    # @return [Boolean] whether a write failed for this reason, and not for one of its own
    def reason_for?(error)
      return Outage.untried?(error) if Outage.untried?(@error)

      Outage.everybodys?(error) || Outage.of_all_writes?(error) || Outage.unanswered?(error)
    end
  end
  private_constant :Outage
end
