# frozen_string_literal: true

module CrmSync
  module Organizations
    # Looks up the accounts whose organizations would be marked: an account that exists and is no longer a partner is
    # another case than one that is gone.
    class LookUp
      DELETED = "it was deleted"
      GONE = "it is gone: the integration user sees all records"
      UNSEEN = "it is gone, or the integration user may not see it"
      private_constant :DELETED, :GONE, :UNSEEN

      # @param declaration [CrmSync::Organizations::Declaration]
      # @param sight [CrmSync::Internal::Sight] of the org
      def initialize(declaration, sight)
        @declaration = declaration
        @sight = sight
      end

      # @param changes [Array<Hash>] the changes as the core gives them
      # @return [Hash{String => String}] by account id, what happened to it; empty if the declaration wants no look-up
      # @raise [CrmSync::RemoteError]
      def stories(changes)
        ids = changes.select { |change| change[:action] == :mark }.map { |change| change[:key] }
        return {} if ids.empty? || !@declaration.mark_rule.look_up

        found = accounts(ids).to_h { |account| [account["Id"], story(account)] }
        found.merge((ids - found.keys).to_h { |id| [id, without_trace] })
      end

      private

      # Finds deleted accounts as well: a look-up by id alone would not tell them from others that cannot be seen.
      def accounts(ids)
        fields = ["Id", "IsDeleted", *@declaration.accounts.also].uniq
        soql = "SELECT #{fields.join(", ")} FROM #{@declaration.accounts.object} WHERE Id IN :ids"
        Salesforce.client(@declaration.org).query(soql, with_deleted: true, ids:)
      end

      def without_trace
        @sight.sees_all ? GONE : UNSEEN
      end

      def story(account)
        return DELETED if account["IsDeleted"]

        values = @declaration.accounts.also.map do |path|
          "#{path}: #{Presentable.value(account.dig(*path.split(".")))}"
        end
        ["it is there, but the declaration leaves it out", values.join(", ").presence].compact.join("; ")
      end
    end
    private_constant :LookUp
  end
end
