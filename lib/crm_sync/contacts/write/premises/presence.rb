# frozen_string_literal: true

require_relative "../../read/membership"
require_relative "premise"

module CrmSync
  module Contacts
    class Premises
      # The premise that the record exists, and that the model's default scope and type do not hide it.
      class Presence < Premise
        # @return [String] the SQL condition
        def sql = Membership.sql(@model.all)

        # @see Premise#conditions
        def conditions(_written) = [sql]

        # @see Premise#moved
        def moved(_change, found, _facts) = ("it is gone" unless found.record)
      end
    end
  end
end
