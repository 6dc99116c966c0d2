# frozen_string_literal: true

require_relative "../read/membership"

module CrmSync
  module Contacts
    # Resolves the scopes of +model+ for a {Schema}: whom the sync is about.
    module DeclaredScopes
      # @return [ActiveRecord::Relation] the users whom the sync is about: the model shows them, and they are in the
      #   declared scopes
      def users
        in_scopes(model.all)
      end

      # @return [Boolean] whether every row of the table is one of the {#users}
      def everyone? = Membership.sql(users) == Membership::ALL

      # @return [ActiveRecord::Relation] all rows of the table that are in the declared scopes, also those outside of
      #   the default scope and the type
      def everybody
        in_scopes(model.base_class.unscoped)
      end

      private

      # Joins the scopes as conditions, and does not merge them: Rails would let one replace what another one says of
      # the same column.
      def in_scopes(relation)
        declaration.scopes.reduce(relation) { |rows, name| rows.where(Arel.sql(Membership.sql(bare_scope(name)))) }
      end

      # Returns the rows of a scope, whether the default scope and the type let them through or not.
      def bare_scope(name)
        rows = model.unscoped { model.public_send(name) }
        model.finder_needs_type_condition? ? rows.unscope(where: model.inheritance_column) : rows
      end
    end
    private_constant :DeclaredScopes
  end
end
