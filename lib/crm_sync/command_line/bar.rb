# frozen_string_literal: true

require "active_support/notifications"
require "ruby-progressbar"
require_relative "../notices/progress"

module CrmSync
  module CommandLine
    # Shows the progress of a sync.
    class Bar
      # @param stream [IO] nothing is shown unless it is a terminal
      def initialize(stream)
        @stream = stream
      end

      # Shows the progress that is reported while the block runs.
      def listen(&)
        return yield unless @stream.tty?

        begin
          ActiveSupport::Notifications.subscribed(->(*, payload) { show(**payload) }, Progress::EVENT, &)
        ensure
          @bar&.stop
        end
      end

      # Clears the bar to make room for a line of text; the next progress event shows the bar again.
      def clear
        @bar.clear if @bar && !@bar.stopped?
      end

      private

      # Shows the latest counts. More rows can come than were announced, because others write to Zendesk too.
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
