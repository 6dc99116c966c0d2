# frozen_string_literal: true

module CrmSync
  module Organizations
    # Asks for the accounts whose organizations would be marked: one that is there, but no partner any more, is another
    # story than one that is gone.
    # @api private
    class LookUp
      GONE = "it is gone, or the integration user may not see it"
      private_constant :GONE

      # @param declaration [CrmSync::Organizations::Declaration]
      def initialize(declaration)
        @declaration = declaration
      end

      # @param changes [Array<Hash>] as the core decided
      # @return [Hash{String => String}] what became of the accounts whose organizations would be marked, by id
      # @raise [CrmSync::RemoteError]
      def stories(changes)
        ids = changes.select { |change| change[:action] == :mark }.map { |change| change[:key] }
        return {} if ids.empty? || !@declaration.mark_rule.look_up

        fields = ["Id", *@declaration.accounts.also]
        accounts = Salesforce.client(@declaration.org).retrieve(@declaration.accounts.object, ids, fields)
        ids.zip(accounts).to_h { |id, account| [id, account ? story(account) : GONE] }
      end

      private

      def story(account)
        values = @declaration.accounts.also.map do |path|
          "#{path}: #{Presentable.value(account.dig(*path.split(".")))}"
        end
        ["it is there, but the declaration leaves it out", values.join(", ").presence].compact.join("; ")
      end
    end
  end
end
