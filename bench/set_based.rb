# frozen_string_literal: true

# The benchmark's sync with `write :set_based`: as it is declared, with a block for each record, and with what those
# blocks and the model's callbacks do said for a whole batch.
module SetBased
  class << self
    def set_based
      UpdateUserSalesforceInfo.tap { |sync| sync.write :set_based }
    end

    def set_based_batches
      set_based.tap do |sync|
        sync.declaration.hooks.clear
        sync.after_batch { |changes| follow(changes) }
      end
    end

    private

    def follow(changes)
      ApplicationUser.where(user_id: changes.map(&:key)).update_all("unread_updates = unread_updates + 1")
      confirmed = changes.select { |change| change.after[:faculty_status] == "confirmed_faculty" }
      row = { event_type: SecurityLog.event_types[:faculty_verified], created_at: Time.current }
      rows = confirmed.map { |change| { **row, user_id: change.key, event_data: change.audit } }
      SecurityLog.insert_all!(rows) if rows.any?
    end
  end
end
