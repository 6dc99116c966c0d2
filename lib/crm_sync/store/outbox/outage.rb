# frozen_string_literal: true

module CrmSync
  # An outage of the remote side, and not a fault of what was sent there: the sign-in is refused, the quota is
  # used up, every write is refused, nobody answers, or the time was up.
  class Outage
    # Neither is ever one record's own.
    EVERYBODYS = [AuthenticationError, QuotaExceeded].freeze
    TIMED_OUT = 408
    private_constant :EVERYBODYS, :TIMED_OUT

    class << self
      # @param errors [Array<CrmSync::Error>] of writes that failed
      # @param sent [Array] the writes beside them that came through
      # @yield asks the remote side for something that it can always give: where it does not answer that either, the
      #   writes are not to blame
      # @return [Outage, nil]
      def among(errors, sent, &)
        error = refusal_of_all(errors)
        error ||= (common_failure(errors) if sent.empty?) || silence(errors, &) || errors.find { |one| untried?(one) }
        new(error) if error
      end

      # @return [Boolean] whether the sign-in or the quota is to blame
      def everybodys?(error)
        EVERYBODYS.include?(error.class)
      end

      # @return [Boolean] whether a write was refused with all others, and none of them is to blame
      def of_all_writes?(error)
        error.is_a?(RemoteError) && Native.refused_with_all?(error.status, error.code)
      end

      # @return [Boolean] whether the answer is none that Salesforce gives to a write
      def senseless?(error)
        error.is_a?(RemoteError) && (200..299).cover?(error.status) && error.code.nil?
      end

      # @return [Boolean] whether there was no answer, or one that tells of no mistake in what was sent
      def unanswered?(error)
        error.is_a?(RemoteError) && (error.status.nil? || error.status == TIMED_OUT || error.status >= 500)
      end

      # @return [Boolean] whether there was no answer that says what became of a write
      def silent?(error) = unanswered?(error) || senseless?(error)

      # @return [Boolean] whether a write's turn did not come before the time was up
      def untried?(error)
        error.instance_of?(RemoteError) && error.status.nil? && error.seconds.zero?
      end

      private

      def refusal_of_all(errors)
        errors.find { |error| everybodys?(error) || of_all_writes?(error) }
      end

      # Without an answer, it takes as many writes as make the core give up: one may be too slow for the org by itself.
      # Of answers that make no sense, it takes two: one may be about what is in the write.
      def common_failure(errors)
        untried, tried = errors.partition { |error| untried?(error) }
        several = errors.size > 1
        tried.first if tried.all? { |error| (several && senseless?(error)) || (untried.any? && unanswered?(error)) }
      end

      def silence(errors)
        yield if errors.any? { |error| silent?(error) && !untried?(error) }
        nil
      rescue RemoteError => e
        e if everybodys?(e) || silent?(e)
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

      Outage.everybodys?(error) || Outage.of_all_writes?(error) || Outage.silent?(error)
    end
  end
  private_constant :Outage
end
