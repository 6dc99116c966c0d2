# frozen_string_literal: true

require_relative "../../notices/suggestion"
require_relative "scope_check"

module CrmSync
  module Contacts
    # Finds names and values in a declaration that do not exist in the app.
    class SchemaCheck
      # The keys that identify the record in a request, beside the fields that it gets.
      RESERVED = %w[id attributes].freeze
      private_constant :RESERVED

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
      end

      # @return [Array<Array(String, String)>] for each problem, the line of the declaration and a text that says how to
      #   correct it
      # @raise [CrmSync::MappingError] when the model or its primary key does not exist; nothing else can be checked
      #   without them
      def problems
        @problems = []
        primary_key
        columns
        scopes
        values
        written_values
        write_back_fields
        methods_of_model
        @problems
      end

      private

      def problem(line, text)
        @problems << [line, text]
      end

      def primary_key
        model = @schema.model
        key = model.primary_key
        return if key.is_a?(String) && model.columns_hash.key?(key)

        named = " (there is none named #{key})" if key.is_a?(String)
        text = "#{model.name} needs a primary key of one column#{named}; name it in the model, by self.primary_key ="
        @declaration.refuse(@declaration.line_of(:model_name), text)
      end

      def columns
        link = @schema.link
        column(link.model, link.column, @declaration.line_of(:foreign_key)) if link.model
        own = @schema.attributes - @schema.references
        own.each { |attribute| association(attribute) || column(@schema.model, attribute.column, attribute.line) }
        @declaration.sets.each { |part| part.set.each_key { |name| column(@schema.model, name, part.line) } }
      end

      # Reports an attribute that has the name of a +belongs_to+, and returns whether it has.
      def association(attribute)
        name = attribute.column
        return if @schema.model.columns_hash.key?(name.to_s)
        return unless @schema.model.reflect_on_association(name)&.belongs_to?

        problem(attribute.line, "#{name} is a belongs_to; write it as: reference #{name.inspect}, " \
                                "from: #{attribute.paths.first.inspect}, by: …")
      end

      def column(model, name, line)
        return if model.columns_hash[name.to_s]

        problem(line, "#{model.table_name} has no column #{name}; #{Suggestion.mend(name, model.column_names)}")
      end

      def scopes
        ScopeCheck.new(@schema).of_users.each { |line, text| problem(line, text) }
      end

      def values
        @schema.attributes.each do |attribute|
          names_of_enum(attribute) if attribute.enum?
          fit(attribute.column, attribute.values + attribute.privileged, attribute.line)
        end
        @declaration.sets.each { |part| part.set.each { |column, value| fit(column, [value], part.line) } }
      end

      def names_of_enum(attribute)
        return if @schema.enum(attribute.column) || @schema.column(attribute.column).nil?

        problem(attribute.line, "map: :enum takes the names of an enum, and #{@schema.model.name} declares none for " \
                                "#{attribute.column}; write the map")
      end

      def written_values
        @declaration.budgets.each { |budget| written(budget.column, [budget.value], budget.line) }
        transitions.each { |part| written(part.column, [part.to] - [Declaration::ANY], part.line) }
        @declaration.protections.each { |part| written(part.column, part.from + part.to, part.line) }
      end

      def transitions
        @declaration.hooks + @declaration.write_backs.reject(&:link?)
      end

      def written(column, values, line)
        return fit(column, values, line) if @schema.columns.include?(column)

        mend = "is not written by this sync; #{Suggestion.among(column, @schema.columns)}"
        mend = "is what links write; say after_link" if column == @schema.link.name
        problem(line, "#{column.inspect} #{mend}")
      end

      def fit(column, values, line)
        values.filter_map { |value| @schema.misfit(column, value) }.each { |text| problem(line, text) }
      end

      def write_back_fields
        @declaration.write_backs.each do |write_back|
          next unless RESERVED.include?(write_back.field.downcase)

          problem(write_back.line, "write_back #{write_back.field.inspect}: it leads to the record, and is not written")
        end
      end

      def methods_of_model
        # Rails defines the attribute methods on first use only, so they are defined here.
        @schema.model.define_attribute_methods
        @declaration.write_backs.each do |write_back|
          wrong = wrong_method(@schema.model, write_back.with)
          problem(write_back.line, "#{@schema.model.name} #{wrong}") if wrong
        end
      end

      def wrong_method(model, name)
        unless model.method_defined?(name)
          return "has no method #{name}; #{Suggestion.mend(name, model.instance_methods)}"
        end

        needed = model.instance_method(name).arity
        "needs an argument for the method #{name}; name one that needs none" unless [0, -1].include?(needed)
      end
    end
    private_constant :SchemaCheck
  end
end
