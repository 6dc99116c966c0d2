# frozen_string_literal: true

module CrmSync
  module Contacts
    # The rows that an association can give: those of its type, where it is polymorphic, and in its scope.
    module AssociationRows
      # @param association [ActiveRecord::Reflection::AssociationReflection] one without an argument of its scope
      # @param owner [Class] the model that has the association
      # @return [ActiveRecord::Relation] the rows of all owners
      def self.of(association, owner)
        all = association.klass.all
        rows = association.type ? all.where(association.type => owner.polymorphic_name) : all
        (association.scope && rows.instance_exec(&association.scope)) || rows
      end
    end
    private_constant :AssociationRows
  end
end
