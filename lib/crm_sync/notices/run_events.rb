# frozen_string_literal: true

require "active_support/notifications"
require_relative "log"

module CrmSync
  # Tells the host's subscribers that a run begins and how it ended, for the check-ins of a monitoring service.
  #
  # A subscriber that raises stops no run and takes the place of no error: it is logged.
  module RunEvents
    # The event's name; its payload has +sync+, the name of the class.
    START = "start.crm_sync"
    # The event's name; its payload has +sync+, and +run+ or, as Rails has it of a block that raised, +exception+ and
    # +exception_object+.
    FINISH = "finish.crm_sync"

    class << self
      # @param sync [String] the name of the class
      # @yieldreturn [CrmSync::Run]
      # @return [CrmSync::Run]
      def around(sync)
        process = Process.pid
        tell(START, sync:)
        run = yield
      rescue Exception => e # rubocop:disable Lint/RescueException -- an interrupt ends a run, too
        raised = { exception: [e.class.name, e.message], exception_object: e }
        raise
      ensure
        # In a forked child, the run goes on in its parent.
        tell(FINISH, sync:, **(raised || { run: })) if process == Process.pid
      end

      private

      def tell(event, **payload)
        ActiveSupport::Notifications.instrument(event, payload)
      rescue StandardError => e
        Log.new(payload[:sync]).error("a subscriber of #{event} failed: #{e.class.name}")
      end
    end
  end
  private_constant :RunEvents
end
