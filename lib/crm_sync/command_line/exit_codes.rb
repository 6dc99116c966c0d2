# frozen_string_literal: true

require_relative "table"

module CrmSync
  module CommandLine
    # The meanings of the exit codes, in one place.
    module ExitCodes
      # The code, the code with +--detailed-exitcode+, and the meaning.
      Row = Struct.new(:code, :detailed, :meaning)

      # The rows by the status of a command.
      TABLE = {
        unchanged: Row.new(0, 0, "nothing to do"),
        gathered: Row.new(0, 0, "gather-…: all is in the files"),
        shown: Row.new(0, 0, "explain, version, help: it was shown"),
        healthy: Row.new(0, 0, "doctor: there are no problems"),
        applied: Row.new(0, 2, "all changes were written"),
        planned: Row.new(0, 2, "plan, compare: there are changes, and no budget is in their way"),
        skipped: Row.new(0, 6, "nothing was done, because another run of the sync is under way"),
        failed: Row.new(1, 1, "an error; the message says what could not be done"),
        unhealthy: Row.new(1, 1, "doctor: a problem prevents a run, or a part of it; the lines say what to do"),
        held: Row.new(3, 3, "a budget holds changes back; run, apply: the others were tried, and some may have failed"),
        blocked: Row.new(3, 5, "a source looks wrong; nothing was or would be written"),
        partial: Row.new(4, 4, "some changes failed or had moved since the plan; the others were written"),
        usage: Row.new(64, 64, "the arguments cannot be right"),
        interrupted: Row.new(130, 130, "ended by Ctrl-C; what was sent stays written"),
        terminated: Row.new(143, 143, "ended by SIGTERM; what was sent stays written")
      }.freeze

      class << self
        # @param status [Symbol]
        # @param detailed [Boolean]
        # @return [Integer]
        def of(status, detailed: false)
          row = TABLE.fetch(status)
          detailed ? row.detailed : row.code
        end

        # @param width [Integer] columns
        # @return [String]
        def table(width)
          head = row("status", "code", "with --detailed-exitcode", "meaning")
          rows = TABLE.map { |status, row| row(status.to_s, row.code.to_s, row.detailed.to_s, row.meaning) }
          Table.new([head, *rows], indent: 0, width:).lines.join("\n")
        end

        private

        def row(status, code, detailed, meaning)
          ["#{status.ljust(11)}  #{code.rjust(4)}  #{detailed.rjust(24)}", meaning]
        end
      end
    end
    private_constant :ExitCodes
  end
end
