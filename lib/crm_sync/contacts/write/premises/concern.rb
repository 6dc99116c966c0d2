# frozen_string_literal: true

require_relative "../../read/membership"
require_relative "premise"

module CrmSync
  module Contacts
    class Premises
      # The record is one of those whom the sync is about: it is in the declared scopes of the model.
      class Concern < Premise
        # @return [String] SQL for: it is
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
