# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds the columns by which the rows of a key's association belong to users, directly or through other tables.
    module JoinColumns
      # Represents a column on one side of a join. +step+ is the association that leads from +owner+ to its table; there
      # is none to the table of users.
      Side = Struct.new(:model, :name, :step, :owner) do
        # @return [ActiveRecord::Relation] the rows that are joined
        def rows
          return model.base_class.unscoped unless step

          own = step.type ? model.where(step.type => owner.polymorphic_name) : model.all
          (step.scope && own.instance_exec(&step.scope)) || own
        end
      end

      # @param key [ResolvedKey] a key with an association
      # @param home [Class] the model of the users
      # @return [Array<Side>] both sides of each join, from the rows of the key to the users
      # @raise [CrmSync::MappingError] when the association does not exist, or its rows cannot be read
      def self.of(key, home)
        steps = [*key.association.reflection.chain, nil]
        models = [*steps.compact.map(&:klass), home]
        steps.each_cons(2).with_index.flat_map do |(step, next_step), place|
          model, owner, next_owner = models[place, 3]
          [Side.new(model, name(step.join_primary_key), step, owner),
           Side.new(owner, name(step.join_foreign_key), next_step, next_owner)]
        end
      end

      # Returns the first of several columns, which is the one that an index starts with.
      def self.name(columns) = Array(columns).first.to_s
      private_class_method :name
    end
    private_constant :JoinColumns
  end
end
