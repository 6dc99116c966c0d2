# frozen_string_literal: true

require "active_support/notifications"
require_relative "log"

module CrmSync
  # Notifies the host's subscribers when a run begins and when it ends, for the check-ins of a monitoring service.
  #
  # An error in a subscriber neither stops a run nor replaces another error: it is logged.
  module RunEvents
    # The name of the event; its payload has +sync+, the name of the class.
    START = "start.crm_sync"
    # The name of the event; its payload has +sync+, and either +run+ or, as Rails does for a block that raised an
    # error, +exception+ and +exception_object+.
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
        # In a forked child nothing is reported, because the run goes on in the parent.
        tell(FINISH, sync:, **(raised || { run: })) if process == Process.pid
      end

      # Notifies the subscribers of an event. An error in one of them is logged.
      #
      # @param event [String]
      # @param payload [Hash{Symbol => Object}] has +sync+, the name of the class
      def tell(event, **payload)
        ActiveSupport::Notifications.instrument(event, payload)
      rescue StandardError => e
        Log.new(payload[:sync]).error("a subscriber of #{event} failed: #{e.class.name}")
      end
    end
  end
  private_constant :RunEvents
end
