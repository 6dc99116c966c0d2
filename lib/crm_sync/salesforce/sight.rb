# frozen_string_literal: true

module CrmSync
  module Internal
    # Finds out whether the integration user sees all records of an org, so that what does not come is gone and not
    # perhaps invisible. It is asked when somebody wants to know, and once.
    class Sight
      # Every user may ask this for himself; "Modify All Data" includes it. What permission sets grant for one object
      # only may be read by those who may view the setup, and does not show contacts without an account.
      # https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_userpermissionaccess.htm
      SOQL = "SELECT PermissionsViewAllData FROM UserPermissionAccess"
      private_constant :SOQL

      # @param org [Symbol] its name in the configuration
      def initialize(org)
        @org = org
      end

      # @return [Boolean, nil] +nil+ where the org does not say
      def sees_all
        return @sees_all if defined?(@sees_all)

        @sees_all = ask
      end

      # @return [String] the reason that a record that did not come may be there all the same
      def doubt
        return "the integration user does not see all records (View All Data)" if sees_all == false

        "whether the integration user sees all records could not be read"
      end

      private

      # An org that refuses the question is no reason to end a run: where nobody knows, the run waits longer.
      def ask
        answer = Salesforce.client(@org).query(SOQL, by: :serial).first&.fetch("PermissionsViewAllData", nil)
        answer if [true, false].include?(answer)
      rescue RemoteError
        nil
      end
    end
  end
end
