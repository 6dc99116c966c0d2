# frozen_string_literal: true

require_relative "scope_check"

module CrmSync
  module Contacts
    # Whether every name and value of a declaration is there in the app.
    # @api private
    class SchemaCheck
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
      end

      # @raise [CrmSync::MappingError] when something is not there; the message names the line and the mend
      # @raise [CrmSync::ConfigurationError] for a database that crm_sync does not know
      def run
        Database.for(@schema.connection)
        primary_key
        columns
        scopes
        attribute_values
        written_values
        methods_of_model
      end

      private

      def primary_key
        return if @schema.model.primary_key.is_a?(String)

        @declaration.refuse("model", "#{@schema.model.name} needs a primary key of one column")
      end

      def columns
        column(@schema.model, @declaration.foreign_key, "model")
        @schema.columns.each { |name| column(@schema.model, name, line_of(name)) }
        column(@schema.address_model, @declaration.address_column, "match_by")
      end

      def column(model, name, line)
        return if model.columns_hash[name.to_s]

        @declaration.refuse(line, "#{model.table_name} has no column #{name}; add it or correct the name")
      end

      def line_of(column)
        attribute = @declaration.attributes.find { |known| known.column == column }
        attribute&.line || @declaration.sets.find { |set| set.set.key?(column) }&.line
      end

      def scopes
        ScopeCheck.new(@schema).each { |line, problem| @declaration.refuse(line, problem) }
      end

      def attribute_values
        @declaration.attributes.each do |attribute|
          values(attribute.column, attribute.values + attribute.privileged, attribute.line)
        end
        @declaration.sets.each { |part| part.set.each { |column, value| values(column, [value], part.line) } }
      end

      def written_values
        @declaration.budgets.each { |budget| written(budget.column, [budget.value], budget.line) }
        (@declaration.hooks + @declaration.write_backs).each { |part| written(part.column, [part.to], part.line) }
        @declaration.protections.each { |part| written(part.column, part.from + part.to, part.line) }
      end

      def written(column, values, line)
        unless @schema.columns.include?(column)
          known = @schema.columns.inspect
          @declaration.refuse(line, "#{column.inspect} is not written by this sync; there are #{known}")
        end
        values(column, values, line)
      end

      def values(column, values, line)
        values.each { |value| @schema.cast(column, value, line) }
      end

      def methods_of_model
        # Rails makes the methods of columns on first use only.
        @schema.model.define_attribute_methods
        @declaration.write_backs.each do |write_back|
          next if @schema.model.method_defined?(write_back.with)

          problem = "#{@schema.model.name} has no method #{write_back.with}; add it or correct the name"
          @declaration.refuse(write_back.line, problem)
        end
      end
    end
  end
end
