# frozen_string_literal: true

require_relative "../notices/presentable"

module CrmSync
  module CommandLine
    # An error, in words that contain no secret and no e-mail address.
    class Failure
      class << self
        # @param error [Exception]
        # @return [String] the whole message of errors of this gem and of Thor; of other errors only the part that is
        #   safe to show
        def message(error)
          case error
          when FileError then file(error)
          when CrmSync::Error, Thor::Error then error.message
          when NameError then "#{error.class}: #{Presentable.error(error)}"
          else "#{error.class}: #{Presentable.text(error.message.lines.first)}" # further lines can contain code
          end
        end

        private

        # Names the stage to run by its command, and not by its method.
        def file(error)
          error.stage ? error.naming(error.stage.to_s.tr("_", "-")) : error.message
        end
      end

      # @param error [Exception]
      def initialize(error)
        @error = error
      end

      # @return [Hash{Symbol => Object}] for JSON
      def to_h
        { status: :failed, error: { class: @error.class.name, message: Failure.message(@error) } }
      end

      # @return [String] for people
      def to_s
        "crm_sync: #{Failure.message(@error)}"
      end

      # @return [String] the message, the backtrace, and the causes
      def trace
        [self, *places(@error), *causes].join("\n")
      end

      private

      def causes
        errors = [@error]
        errors << errors.last.cause while errors.last.cause
        errors.drop(1).flat_map { |error| ["caused by #{Failure.message(error)}", *places(error)] }
      end

      def places(error)
        error.backtrace.to_a.map { |place| "  #{place}" }
      end
    end
    private_constant :Failure
  end
end
