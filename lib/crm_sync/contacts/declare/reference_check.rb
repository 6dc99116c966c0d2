# frozen_string_literal: true

require_relative "../../notices/suggestion"

module CrmSync
  module Contacts
    # Checks that the declared references lead to rows of the app.
    class ReferenceCheck
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @model = schema.model
      end

      # @return [Array<Array(String, String)>] for each problem, the line of the declaration and a text that says how to
      #   correct it
      def problems
        @schema.references.filter_map do |reference|
          problem = problem(reference)
          [reference.line, "reference #{reference.association.inspect}: #{problem}"] if problem
        end
      end

      private

      def problem(reference)
        return no_association(reference.association) unless plain?(reference.reflection)

        column(@model, reference.column) || taken(reference) || column(reference.reflection.klass, reference.by)
      rescue NameError
        "the class #{reference.reflection.class_name} is not there; correct class_name: of the belongs_to"
      end

      # Returns whether the association is a +belongs_to+ with a single foreign key to a table in the database of the
      # model.
      def plain?(association)
        return false unless association&.macro == :belongs_to && !association.polymorphic? && association.scope.nil?

        !association.foreign_key.is_a?(Array) && association.klass.connection_pool.equal?(@model.connection_pool)
      end

      def no_association(name)
        known = @model.reflect_on_all_associations(:belongs_to)
        names = known.map(&:name)
        if names.include?(name)
          return "it is no belongs_to of #{@model.name} that is neither polymorphic, nor has a scope or a key of " \
                 "several columns, nor leads to another database; there are #{names.inspect}"
        end

        column = known.find { |association| association.foreign_key.to_s == name.to_s }
        hint = column ? "name the association, #{column.name.inspect}" : Suggestion.among(name, names)
        "#{@model.name} has no belongs_to #{name.inspect}; #{hint}"
      end

      def column(model, name)
        return if model.columns_hash[name.to_s]

        "#{model.table_name} has no column #{name}; #{Suggestion.mend(name, model.column_names)}"
      end

      def taken(reference)
        others = @schema.attributes.select { |known| known.column == reference.column }
        "#{reference.column} has an attribute already; keep one" if others.size > 1
      end
    end
    private_constant :ReferenceCheck
  end
end
