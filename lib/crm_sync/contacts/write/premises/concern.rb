# frozen_string_literal: true

require_relative "../../read/membership"
require_relative "premise"

module CrmSync
  module Contacts
    class Premises
      # The premise that the sync is about the record: it is in the declared scopes of the model.
      class Concern < Premise
        # @return [String] the SQL condition
        def sql = Membership.sql(@schema.everybody)

        # @see Premise#conditions
        def conditions(_written) = @declaration.scopes.any? ? [sql] : []

        # @see Premise#moved
        def moved(_change, found, _facts)
          "it is no longer in the #{"scope".pluralize(scopes.size)} #{scopes.join(" and ")}" unless found.concerned
        end

        private

        def scopes = @declaration.scopes
      end
    end
  end
end
