# frozen_string_literal: true

module CrmSync
  # An outage of the remote service, as opposed to a fault in a single write: the sign-in is refused, or the settings
  # allow none, the quota is used up, every write is refused, there is no response, or the time was up.
  class Outage
    # Errors that never concern a single record.
    EVERYBODYS = [AuthenticationError, QuotaExceeded, ConfigurationError].freeze
    TIMED_OUT = 408
    private_constant :EVERYBODYS, :TIMED_OUT

    class << self
      # Finds the outage that made writes fail.
      #
      # @param errors [Array<CrmSync::Error>] the errors of failed writes
      # @param sent [Array] the writes of the same call that succeeded
      # @yield sends a request that the remote service can always answer; if it gives no answer to that either, the
      #   writes are not the cause
      # @return [Outage, nil]
      def among(errors, sent, &)
        error = refusal_of_all(errors)
        error ||= (common_failure(errors) if sent.empty?) || silence(errors, &) || errors.find { |one| untried?(one) }
        new(error) if error
      end

      # @return [Boolean] whether the sign-in, a setting or the quota is the cause
      def everybodys?(error)
        EVERYBODYS.include?(error.class)
      end

      # @return [Boolean] whether a write was refused for a reason that applies to all writes
      def of_all_writes?(error)
        error.is_a?(RemoteError) && Native.refused_with_all?(error.status, error.code)
      end

      # @return [Boolean] whether the response is not one that Salesforce gives to a write
      def senseless?(error)
        error.is_a?(RemoteError) && (200..299).cover?(error.status) && error.code.nil?
      end

      # @return [Boolean] whether there was no response, or one that does not report a mistake in the request
      def unanswered?(error)
        error.is_a?(RemoteError) && (error.status.nil? || error.status == TIMED_OUT || error.status >= 500)
      end

      # @return [Boolean] whether no response says what happened to a write
      def silent?(error) = unanswered?(error) || senseless?(error)

      # @return [Boolean] whether a write was not sent before the time was up
      def untried?(error)
        error.instance_of?(RemoteError) && error.status.nil? && error.seconds.zero?
      end

      private

      def refusal_of_all(errors)
        errors.find { |error| everybodys?(error) || of_all_writes?(error) }
      end

      # Missing responses count as an outage only if the core gave up and left other writes untried, because a single
      # write may be too slow for the org. Senseless responses count from two writes on, because a single one may be
      # caused by what is in the write.
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

    # @return [Boolean] whether a write failed because of the outage, and not for a reason of its own
    def reason_for?(error)
      return Outage.untried?(error) if Outage.untried?(@error)

      Outage.everybodys?(error) || Outage.of_all_writes?(error) || Outage.silent?(error)
    end
  end
  private_constant :Outage
end
