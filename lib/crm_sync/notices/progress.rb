# frozen_string_literal: true

require_relative "run_events"

module CrmSync
  # Reports the progress of an organization sync to whoever wants to show it.
  module Progress
    # The name of the event; its payload has +sync+, +what+ (such as +:organizations+ or +:changes+), +done+ and
    # +total+.
    EVENT = "progress.crm_sync"

    # Notifies the subscribers. An error in one of them does not stop the run, see {RunEvents.tell}.
    def self.report(sync, what, done, total)
      RunEvents.tell(EVENT, sync:, what:, done:, total:)
    end
  end
  private_constant :Progress
end
