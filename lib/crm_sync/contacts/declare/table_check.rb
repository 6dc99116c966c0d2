# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds models of a declaration whose tables do not exist, as before a migration that creates them. Without the
    # tables, nothing else can be checked.
    class TableCheck
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @database = Database.for(schema.connection)
      end

      # @return [void]
      # @raise [CrmSync::MappingError] when a table does not exist; the message says how to create it
      def run
        refuse([[@schema.model, @declaration.line_of(:model_name)]])
        # The key of the model leads to the others; {SchemaCheck} asks for one.
        refuse(linked + keyed + referred) if @schema.model.primary_key.is_a?(String)
      end

      private

      def refuse(models)
        absent = models.reject { |model, _| table?(model) }
        @declaration.refuse_all(absent.map { |model, line| [line, text(model)] })
      end

      # Takes a table in another database for existing: the other checks refuse it. Rails remembers which tables there
      # are, and also which there were not, before a migration.
      def table?(model)
        return false if model.table_name.nil?
        return true unless model.connection_pool.equal?(@schema.model.connection_pool)

        model.table_exists? || @database.table?(model)
      end

      def text(model)
        return "#{model.name} has no table of its own; name a model that has" if model.table_name.nil?

        "the database has no table #{model.table_name}, in which #{model.name} has its records; run " \
          "bin/rails db:migrate, or correct table_name in the model"
      end

      def linked
        return [] unless @declaration.through && @schema.link.model

        [[@schema.link.model, @declaration.line_of(:through)]]
      end

      def keyed
        @schema.keys.reject(&:own?).flat_map { |key| models(key).map { |model| [model, key.line] } }
      end

      # Returns none where the association does not exist, which {KeyCheck} reports.
      def models(key)
        key.association.models
      rescue MappingError
        []
      end

      def referred
        @schema.references.filter_map do |reference|
          association = reference.reflection
          [association.klass, reference.line] if association && !association.polymorphic?
        rescue NameError
          nil # The class does not exist, which {ReferenceCheck} reports.
        end
      end
    end
    private_constant :TableCheck
  end
end
