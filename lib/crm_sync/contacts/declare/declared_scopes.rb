# frozen_string_literal: true

require_relative "../read/membership"

module CrmSync
  module Contacts
    # The part of {Schema} that resolves the scopes of +model+, which limit the users of the sync.
    module DeclaredScopes
      # @return [ActiveRecord::Relation] the users of the sync: the rows that the model shows and that are in the
      #   declared scopes
      def users
        in_scopes(model.all)
      end

      # @return [Boolean] whether every row of the table is one of the {#users}
      def everyone? = Membership.sql(users) == Membership::ALL

      # @return [ActiveRecord::Relation] all rows of the table that are in the declared scopes, including those outside
      #   of the model's default scope and type
      def everybody
        in_scopes(model.base_class.unscoped)
      end

      private

      # Joins the scopes as conditions rather than merging them: in a merge, Rails replaces a condition by another one
      # on the same column.
      def in_scopes(relation)
        declaration.scopes.reduce(relation) { |rows, name| rows.where(Arel.sql(Membership.sql(bare_scope(name)))) }
      end

      # Returns the rows of a scope without the conditions of the default scope and the type.
      def bare_scope(name)
        rows = model.unscoped { model.public_send(name) }
        model.finder_needs_type_condition? ? rows.unscope(where: model.inheritance_column) : rows
      end
    end
    private_constant :DeclaredScopes
  end
end
