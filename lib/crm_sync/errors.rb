# frozen_string_literal: true

module CrmSync
  # The base class of the errors that this gem raises.
  #
  # @example
  #   begin
  #     UpdateUserSalesforceInfo.call
  #   rescue CrmSync::Error => e
  #     Sentry.capture_exception(e)
  #   end
  class Error < StandardError; end

  # Raised when a setting is missing or invalid. The message names the setting and says how to set it.
  class ConfigurationError < Error; end

  # Raised when a declaration is invalid. The message names the line and says how to correct it.
  class MappingError < Error; end

  # Raised when a remote service failed, or returned a response that cannot be accepted. A sync that raises it has
  # written nothing. A call of a client, such as {Zendesk::Client#create}, may have written if the response was lost.
  class RemoteError < Error
    # @return [String] the service that failed, such as +"Salesforce"+
    attr_reader :service
    # @return [Integer, nil] the HTTP status; nil if there was no response
    attr_reader :status
    # @return [String, nil] the service's own error code, such as +"REQUEST_LIMIT_EXCEEDED"+
    attr_reader :code
    # @return [String, nil] the id that the service gave the request
    attr_reader :request_id
    # @return [Integer] the number of attempts
    attr_reader :attempts
    # @return [Float] the duration of all attempts together, in seconds
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

  # Raised when a file cannot be read or written, or has invalid content. The message names the file.
  class FileError < Error
    # @return [Symbol, nil] the stage of an organization sync that has to run before, such as +:gather_accounts+; nil if
    #   no stage makes the file as it should be
    attr_reader :stage

    # @api private
    # @param problem [String, nil] the message, without the stage
    # @param again [Boolean] whether the stage has run before
    def initialize(problem = nil, stage: nil, again: true)
      @problem = problem
      @stage = stage
      @again = again
      super(stage ? naming(stage) : problem)
    end

    # @api private
    # @param name [#to_s] the stage, as the reader calls it
    # @return [String] the message with this name
    def naming(name)
      "#{@problem}; run #{name} #{@again ? "again" : "first"}"
    end
  end

  # Raised when a remote service refuses the sign-in.
  class AuthenticationError < RemoteError; end

  # Raised when the quota of a remote service does not allow the request.
  class QuotaExceeded < RemoteError; end

  # Raised by +call!+ only, when a budget held changes back or the run was blocked.
  class BudgetExceeded < Error
    # @return [CrmSync::Run] the run; it tells what was held or blocked, and what was applied
    attr_reader :run

    # @api private
    def initialize(message = nil, run: nil)
      super(message)
      @run = run
    end
  end

  # Raised by +call!+ when another run of the same sync is under way. Other methods raise it only for a run that lost
  # its lock before it was finished, because another run may have begun since.
  class Locked < Error; end

  # Raised for a record in +only:+ if too many users and contacts affect it to be asked for individually. A run for
  # everybody reads them all.
  class NeedsFullRun < Error; end

  # Raised when a saved plan can no longer be applied.
  class StalePlan < Error; end

  # Raised when Marshal or YAML is asked to dump an object that may hold secrets or addresses. The message says what to
  # use instead.
  class NotDumpable < Error; end

  # Raised for a fault of this gem, when what is over is used, and in a forked process that would continue work which
  # its parent process has under way.
  class InternalError < Error; end
end
