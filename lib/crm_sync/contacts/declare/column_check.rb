# frozen_string_literal: true

require_relative "rails_columns"

module CrmSync
  module Contacts
    # Finds written columns that the declaration must not write, or that cannot hold the values that it names.
    class ColumnCheck
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @model = schema.model
      end

      # @return [Array<Array(String, String)>] for each problem, the line of the declaration and a text that says how to
      #   correct it
      def problems
        written = @declaration.lines_of_columns.select { |column, _| @schema.column(column) }
        others = written.filter_map do |column, line|
          what = owner(column) || binary(column)
          [line, "#{name(column)} is #{what}; take it out of the declaration"] if what
        end
        others + copied + emptied + never_filled
      end

      private

      def name(column)
        "#{@model.table_name}.#{column}"
      end

      # Returns, for a message, the purpose of a column that the declaration must not write; nil for any other column.
      def owner(column)
        case column.to_s
        when @model.primary_key then "the primary key"
        when *foreign_keys.keys then foreign_keys.fetch(column.to_s)
        when @model.inheritance_column then "the class of the record"
        when *RailsColumns.version(@model) then "the version that Rails counts (lock_version)"
        # Every save by the app would overwrite the sync's value, and the next run would overwrite the app's.
        when *RailsColumns.times(@model) then "the time of the last save, which Rails keeps"
        when *counters then "a counter cache"
        end
      end

      def foreign_keys
        { @schema.link.name.to_s => "the foreign key, which links and unlinks write",
          @declaration.stored_lead&.name.to_s => "where the app stores leads, which this sync only reads" }
      end

      def counters
        @counters ||= @model.reflect_on_all_associations(:has_many).filter_map do |association|
          association.counter_cache_column if association.has_cached_counter?
        rescue NameError
          nil # The class of the association does not exist, so there is no counter.
        end
      end

      # Refuses binary columns except on PostgreSQL: rows are read as text, and only PostgreSQL converts bytes to text.
      def binary(column)
        "binary, which cannot be read here" if @schema.column(column).type == :binary && !@schema.postgresql?
      end

      # Refuses to copy into columns that hold a collection: the copied value is a single value, and would replace the
      # whole collection.
      def copied
        wrong = @declaration.attributes.reject { |known| known.mapped? || single?(known.column) }
        wrong.map do |attribute|
          kind = "#{name(attribute.column)} (#{@schema.column(attribute.column).sql_type})"
          [attribute.line, "#{kind} cannot hold a copied value; say a map: to values that it holds"]
        end
      end

      def single?(column)
        definition = @schema.column(column)
        return true if definition.nil?

        layers = layers(@schema.type(column))
        return false if definition.try(:array) || layers.any?(ActiveRecord::Type::Serialized)

        KnownColumns::SINGLE.include?(layers.first.type || definition.type)
      end

      # Returns a type followed by the types that it wraps: those of an enum, or of an encrypted or serialized value.
      def layers(type)
        inner = %i[cast_type subtype].find { |name| type.respond_to?(name) }
        inner ? [type, *layers(type.public_send(inner))] : [type]
      end

      # Refuses +overwrite: false+ for columns that always have a value.
      def never_filled
        known = @declaration.attributes.select { |attribute| attribute.fills? && @schema.column(attribute.column) }
        wrong = known.reject { |attribute| @schema.may_be_blank?(attribute.column) }
        why = "always has a value (NOT NULL), so overwrite: false writes nothing; leave it out"
        wrong.map { |attribute| [attribute.line, "#{name(attribute.column)} #{why}"] }
      end

      def emptied
        emptied = @declaration.attributes.select(&:empties?).map { |attribute| [attribute.column, attribute.line] }
        wrong = (emptied + set_to_null).select { |column, _| @schema.column(column)&.null == false }
        wrong.map { |column, line| [line, "#{name(column)} is NOT NULL; set it to a value"] }
      end

      def set_to_null
        @declaration.sets.flat_map { |part| part.set.select { |_, value| value.nil? }.keys.product([part.line]) }
      end
    end
    private_constant :ColumnCheck
  end
end
