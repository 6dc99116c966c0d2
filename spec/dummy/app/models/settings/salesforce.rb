# frozen_string_literal: true

module Settings
  # The switches of administrators while the app runs: a row of `settings` each.
  class Salesforce < ApplicationRecord
    self.table_name = "settings"

    class << self
      def user_info_error_emails_enabled
        find_by(var: "user_info_error_emails_enabled")&.value == "true"
      end

      def user_info_error_emails_enabled=(enabled)
        find_or_initialize_by(var: "user_info_error_emails_enabled").update!(value: enabled.to_s)
      end
    end
  end
end
