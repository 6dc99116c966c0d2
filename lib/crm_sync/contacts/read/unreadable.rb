# frozen_string_literal: true

module CrmSync
  module Contacts
    # Builds the issue about users with a text that holds a NUL or is not UTF-8. Nobody is found by such a text, and all
    # other users are processed.
    module Unreadable
      # @param keys [Array<Object>] the keys of the users
      # @return [Array<CrmSync::Issue>] one issue about all of them, if there are any
      def self.issues(keys)
        return [] if keys.empty?

        message = "#{Presentable.named("user", keys)}: an address or a value that is synced holds a NUL or is not " \
                  "UTF-8; such an address leads nowhere. Correct it in the database"
        [Issue.new(kind: :unreadable_text, message:, users: keys)]
      end
    end
    private_constant :Unreadable
  end
end
