# frozen_string_literal: true

module CrmSync
  # The base of everything that this gem raises.
  #
  # @example
  #   begin
  #     UpdateUserSalesforceInfo.call
  #   rescue CrmSync::Error => e
  #     Sentry.capture_exception(e)
  #   end
  class Error < StandardError; end

  # A setting is missing or cannot be right; the message says which, and how to set it.
  class ConfigurationError < Error; end

  # A declaration cannot be right; the message names its line and the mend.
  class MappingError < Error; end

  # A remote side failed, or answered what it must not answer. Nothing was decided on and nothing written.
  class RemoteError < Error
    # @return [String] the service that failed, such as +"Salesforce"+
    attr_reader :service
    # @return [Integer, nil] the HTTP status, where there was an answer
    attr_reader :status
    # @return [String, nil] the remote side's own code, such as +"REQUEST_LIMIT_EXCEEDED"+
    attr_reader :code
    # @return [String, nil] the remote side's name for the request
    attr_reader :request_id
    # @return [Integer] the number of tries
    attr_reader :attempts
    # @return [Float] the time that all tries took, in seconds
    attr_reader :seconds

    # @api private
    def initialize(message = nil, service: nil, status: nil, code: nil, request_id: nil, attempts: 0, seconds: 0.0)
      super(message)
      @service = service
      @status = status
      @code = code
      @request_id = request_id
      @attempts = attempts
      @seconds = seconds
    end
  end

  # A file cannot be read or written, or says what it must not say; the message names it.
  class FileError < Error; end

  # The remote side refused to sign us in.
  class AuthenticationError < RemoteError; end

  # The remote side's quota does not allow the call.
  class QuotaExceeded < RemoteError; end

  # More would change than a budget allows, or a source looks wrong; raised by +call!+ only.
  class BudgetExceeded < Error
    # @return [CrmSync::Run] the run, with what was held or blocked, and what was applied
    attr_reader :run

    # @api private
    def initialize(message = nil, run: nil)
      super(message)
      @run = run
    end
  end

  # Another run of the same sync is under way; raised by +call!+ only, but for a run that has lost its lock on the way:
  # another one may be.
  class Locked < Error; end

  # Too much bears on a single user for +only:+ with a record to read it all; a run for everybody reads it.
  class NeedsFullRun < Error; end

  # A saved plan cannot be applied any more.
  class StalePlan < Error; end

  # An object that may hold secrets or addresses is not written out by Marshal or YAML; the message says what to use.
  class NotDumpable < Error; end

  # A fault of this gem; or a forked child was to go on with what its parent has under way.
  class InternalError < Error; end
end
