# frozen_string_literal: true

require "active_support/notifications"

module CrmSync
  # Reports the progress of a sync to whoever wants to show it.
  module Progress
    # The name of the event; its payload has +sync+, +what+ (such as +:organizations+ or +:changes+), +done+ and
    # +total+.
    EVENT = "progress.crm_sync"

    # Notifies the subscribers.
    def self.report(sync, what, done, total)
      ActiveSupport::Notifications.instrument(EVENT, sync:, what:, done:, total:)
    end
  end
  private_constant :Progress
end
