# frozen_string_literal: true

require_relative "association_rows"

module CrmSync
  module Contacts
    # Finds the columns by which the rows of a key's association belong to users, directly or through other tables.
    module JoinColumns
      # Represents the columns on one side of a join. +step+ is the association that leads from +owner+ to their table;
      # there is none to the table of users.
      Side = Struct.new(:model, :columns, :step, :owner) do
        # @return [String] the first of the columns, which is the one that an index starts with
        def name = columns.first

        # @return [String, nil] a column that the join needs and the table does not have
        def missing = [*columns, *step&.type].find { |column| !model.columns_hash.key?(column) }

        # @return [ActiveRecord::Relation] the rows that are joined
        def rows
          step ? AssociationRows.of(step, owner) : model.base_class.unscoped
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
          [Side.new(model, names(step.join_primary_key), step, owner),
           Side.new(owner, names(step.join_foreign_key), next_step, next_owner)]
        end
      end

      def self.names(columns) = Array(columns).map(&:to_s)
      private_class_method :names
    end
    private_constant :JoinColumns
  end
end
