# frozen_string_literal: true

require_relative "../../read/membership"
require_relative "premise"

module CrmSync
  module Contacts
    class Premises
      # The premise that the record is in the scope that such a change requires. The current declaration says which
      # scope that is.
      class Scope < Premise
        # @param change [CrmSync::Change]
        # @return [Symbol, nil] the scope in which the record must still be
        def of(change)
          case change.action
          # Applies to new links only: a user who was linked may get another contact even if no new link is allowed.
          when :link then @declaration.link_scope
          when :lead then @declaration.lead_rules.scope
          when :sweep then @declaration.sweep.scope
          end
        end

        # @param name [Symbol, nil] a result of {#of}
        # @return [String] the SQL condition that the record is in the scope
        def sql(name)
          return "(1 = 1)" unless name

          (@sql ||= {})[name] ||= Membership.sql(@schema.scope(name))
        end

        # @see Premise#columns
        def columns(_written)
          [column("scope", "text ''") { |change| of(change)&.to_s }]
        end

        # @see Premise#conditions
        def conditions(_written)
          scopes = all.map { |name| "WHEN #{@schema.connection.quote(name.to_s)} THEN #{sql(name)}" }
          scopes.any? ? ["CASE #{given("scope")} #{scopes.join(" ")} ELSE TRUE END"] : []
        end

        # @see Premise#moved
        def moved(change, found, _facts) = ("it is no longer #{of(change)}" unless found.in_scope)

        private

        def all = [@declaration.link_scope, @declaration.lead_rules&.scope, @declaration.sweep&.scope].compact.uniq
      end
    end
  end
end
