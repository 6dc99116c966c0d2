# frozen_string_literal: true

require "active_support/notifications"

module CrmSync
  # Reports how far a sync has come, for whoever wants to show it.
  module Progress
    # The event's name; its payload has +sync+, +what+ (such as +:organizations+ or +:changes+), +done+ and +total+.
    EVENT = "progress.crm_sync"

    # Tells those who listen.
    def self.report(sync, what, done, total)
      ActiveSupport::Notifications.instrument(EVENT, sync:, what:, done:, total:)
    end
  end
  private_constant :Progress
end
