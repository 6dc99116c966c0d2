# frozen_string_literal: true

module CrmSync
  module Internal
    # Finds out whether the integration user sees all records of an org, so that a record that is not returned is gone,
    # and not just invisible. Asks the org once, when the answer is first needed.
    class Sight
      # Every user may query this for himself; "Modify All Data" includes it. Permissions that permission sets grant for
      # single objects can be read only by users who may view the setup, and do not show contacts without an account.
      # https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_userpermissionaccess.htm
      SOQL = "SELECT PermissionsViewAllData FROM UserPermissionAccess"
      private_constant :SOQL

      # @param org [Symbol] the name of the org in the configuration
      def initialize(org)
        @org = org
      end

      # @return [Boolean, nil] whether the user sees all records; +nil+ if the org does not say
      def sees_all
        return @sees_all if defined?(@sees_all)

        @sees_all = ask
      end

      # @return [String] the reason why a record that was not returned may exist nevertheless
      def doubt
        return "the integration user does not see all records (View All Data)" if sees_all == false

        "whether the integration user sees all records could not be read"
      end

      private

      # Rescues the refusal of the query, which is no reason to end a run: without an answer, the run waits longer.
      def ask
        answer = Salesforce.client(@org).query(SOQL, by: :serial).first&.fetch("PermissionsViewAllData", nil)
        answer if [true, false].include?(answer)
      rescue RemoteError
        nil
      end
    end
  end
end
