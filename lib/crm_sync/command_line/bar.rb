# frozen_string_literal: true

require "active_support/notifications"
require "ruby-progressbar"
require_relative "../notices/progress"

module CrmSync
  module CommandLine
    # Shows people how far a sync has come.
    class Bar
      # @param stream [IO] a terminal, or there is nothing to be seen
      def initialize(stream)
        @stream = stream
      end

      # Shows the progress of what the block does.
      def listen(&)
        return yield unless @stream.tty?

        begin
          ActiveSupport::Notifications.subscribed(->(*, payload) { show(**payload) }, Progress::EVENT, &)
        ensure
          @bar&.stop
        end
      end

      # Makes place for a line; the next news show it again.
      def clear
        @bar.clear if @bar && !@bar.stopped?
      end

      private

      # More can come than was announced: others write to Zendesk too.
      def show(what:, done:, total:, **)
        total = [done, total].max
        @bar = start(what, total) unless @what == what && !@bar.stopped?
        @bar.total = total
        @bar.progress = done
      end

      def start(what, total)
        @what = what
        ProgressBar.create(title: what.to_s, total:, output: @stream, format: "%t: %c of %C |%B|")
      end
    end
    private_constant :Bar
  end
end
