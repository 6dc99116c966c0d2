# frozen_string_literal: true

require_relative "membership"

module CrmSync
  module Contacts
    # The declaration held against the app's models: every name resolved, every value cast by the model's own types.
    # @api private
    class Schema
      # @return [Declaration]
      attr_reader :declaration

      def initialize(declaration)
        @declaration = declaration
      end

      # @return [Class] the model
      def model
        @model ||= declaration.home ||
                   raise(MappingError,
                         "#{declaration.name}: there is no model #{declaration.model_name}; check `model`")
      end

      delegate :connection, to: :model

      # @return [ActiveRecord::Reflection] the association that holds the addresses
      def association
        @association ||= checked_association
      end

      # @return [Class] the addresses' model
      def address_model
        association.klass
      end

      # @return [Array<Symbol>] the columns that may be written, in the order of the plan
      def columns
        @columns ||= declaration.columns
      end

      # @return [ActiveModel::Type::Value]
      def type(column)
        model.type_for_attribute(column.to_s)
      end

      # @return [Boolean] whether the column may be NULL
      def nullable?(column)
        model.columns_hash[column.to_s].null
      end

      # The value as the model has it.
      # @raise [CrmSync::MappingError] when the column's type does not know it
      def cast(column, value, line)
        value = value.to_s if value.is_a?(Symbol)
        type = type(column)
        type.assert_valid_value(value) if type.respond_to?(:assert_valid_value)
        type.cast(value)
      rescue ArgumentError
        known = model.defined_enums[column.to_s]&.keys
        hint = known ? "; there are #{known.map(&:to_sym).inspect}" : ""
        declaration.refuse(line, "#{value.inspect} is no value of #{column.inspect}#{hint}")
      end

      # Whether the column can hold a value as it is: Rails would make true of "No", 0 of "n/a", and nil of much else.
      # @return [Boolean]
      def fits?(column, value)
        type = type(column)
        return true if value.is_a?(Symbol)
        return false if value.is_a?(String) && %i[boolean integer float decimal].include?(type.type) && !enum?(column)

        !type.cast(value).nil?
      end

      def enum?(column)
        model.defined_enums.key?(column.to_s)
      end

      # The value that the text of a database row stands for.
      def from_database(column, text)
        type(column).deserialize(text)
      end

      # Equal canonical values are equal in the database.
      def canonical(column, value)
        type(column).serialize(value)
      end

      # @return [ActiveRecord::Relation] the users in a scope, everybody where it is nil
      def scope(name)
        name ? model.public_send(name) : model.all
      end

      # @return [String] the database that is written, with the schema where that is not the usual one
      def place
        schema = Database.for(connection).schema(model)
        [model.connection_pool.db_config.database.to_s, schema].compact.join(", schema ")
      end

      # @return [ActiveRecord::Relation] all rows of the table, also those that default scope and type keep out
      def everybody
        model.base_class.unscoped
      end

      # The trusted addresses of a tier: those of the association that are in the scope as well. They are not merged,
      # because Rails then lets a scope's condition take the place of the association's on the same column.
      # @return [ActiveRecord::Relation]
      def tier(tier)
        conditions = [addresses, address_model.public_send(tier.scope)].map { |relation| Membership.sql(relation) }
        conditions.reduce(address_model.all) { |relation, sql| relation.where(Arel.sql(sql)) }
      end

      # @return [ActiveRecord::Relation] the addresses of the association
      def addresses
        scope = association.scope
        (scope && address_model.all.instance_exec(&scope)) || address_model.all
      end

      private

      def plain?(association)
        association.macro == :has_many && !association.through_reflection? && association.type.nil? &&
          association.active_record_primary_key.to_s == model.primary_key
      end

      def checked_association
        found = model.reflect_on_association(declaration.association)
        return found if found && plain?(found)

        name = declaration.association.inspect
        raise MappingError, "#{declaration.name}: #{model.name} has no plain has_many #{name}; check `match_by`"
      end
    end
  end
end
