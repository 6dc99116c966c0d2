# frozen_string_literal: true

module CrmSync
  module Contacts
    # The declaration held against the app's models: every name resolved, every value cast by the model's own types.
    # @api private
    class Schema
      # @return [Declaration]
      attr_reader :declaration

      # @raise [CrmSync::MappingError] when a name or a value is not there; the message names the line and the mend
      def initialize(declaration)
        @declaration = declaration
        check_columns
        check_scopes
        check_values
        check_hooks
      end

      # @return [Class] the model
      def model
        @model ||= constant(declaration.model_name) ||
                   raise(MappingError, "#{declaration.name}: there is no model #{declaration.model_name}; check `model`")
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

      # @return [ActiveRecord::Relation] the trusted addresses of a tier
      def tier(tier)
        addresses.merge(address_model.public_send(tier.scope))
      end

      private

      def addresses
        scope = association.scope
        scope ? address_model.all.instance_exec(&scope) : address_model.all
      end

      def constant(name)
        found = name.safe_constantize
        found if found.is_a?(Class) && found < ActiveRecord::Base
      end

      def checked_association
        found = model.reflect_on_association(declaration.association)
        usable = found && found.macro == :has_many && !found.through_reflection? && found.type.nil?
        return found if usable

        raise MappingError, "#{declaration.name}: #{model.name} has no plain has_many #{declaration.association.inspect}; " \
                            "check `match_by`"
      end

      def check_columns
        known = model.columns_hash
        needed = { declaration.foreign_key => "model" }
        columns.each { |column| needed[column] ||= line_of(column) }
        needed.each do |column, line|
          declaration.refuse(line, "#{model.table_name} has no column #{column}; add it or correct the name") unless known[column.to_s]
        end
        address = declaration.address_column
        return if address_model.columns_hash[address.to_s]

        raise MappingError, "#{declaration.name}: #{address_model.table_name} has no column #{address}; check `match_by`"
      end

      def line_of(column)
        attribute = declaration.attributes.find { |known| known.column == column }
        sets = [declaration.missing, declaration.sweep, *declaration.lead_rules&.rules].compact
        attribute&.line || sets.find { |set| set.set.key?(column) }&.line
      end

      def check_scopes
        { declaration.link_scope => "link_when", declaration.lead_rules&.scope => declaration.lead_rules&.line,
          declaration.sweep&.scope => declaration.sweep&.line }.each do |scope, line|
          next if scope.nil? || model.respond_to?(scope)

          declaration.refuse(line, "#{model.name} has no scope #{scope.inspect}; add it or correct the name")
        end
        declaration.tiers.each do |tier|
          next if address_model.respond_to?(tier.scope)

          declaration.refuse(tier.line, "#{address_model.name} has no scope #{tier.scope.inspect}; add it or correct the name")
        end
      end

      def check_values
        declaration.attributes.each do |attribute|
          (attribute.values + attribute.privileged).each { |value| cast(attribute.column, value, attribute.line) }
        end
        [declaration.missing, declaration.sweep, *declaration.lead_rules&.rules].compact.each do |part|
          part.set.each { |column, value| cast(column, value, part.line) }
        end
        declaration.budgets.each { |budget| check_written(budget.column, [budget.value], budget.line) }
        (declaration.hooks + declaration.write_backs).each { |part| check_written(part.column, [part.to], part.line) }
        declaration.protections.each { |part| check_written(part.column, part.from + part.to, part.line) }
      end

      def check_written(column, values, line)
        unless columns.include?(column)
          declaration.refuse(line, "#{column.inspect} is not written by this sync; there are #{columns.inspect}")
        end
        values.each { |value| cast(column, value, line) }
      end

      def check_hooks
        declaration.write_backs.each do |write_back|
          next if model.method_defined?(write_back.with)

          declaration.refuse(write_back.line, "#{model.name} has no method #{write_back.with}; add it or correct the name")
        end
      end
    end
  end
end
