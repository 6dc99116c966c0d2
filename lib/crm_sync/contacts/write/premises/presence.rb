# frozen_string_literal: true

require_relative "../../read/membership"
require_relative "premise"

module CrmSync
  module Contacts
    class Premises
      # The record is there, and the model's default scope and type let it through.
      class Presence < Premise
        # @return [String] SQL for: they let the record through
        def sql = Membership.sql(@model.all)

        # @see Premise#conditions
        def conditions(_written) = [sql]

        # @see Premise#moved
        def moved(_change, found, _facts) = ("it is gone" unless found.record)
      end
    end
  end
end
