# frozen_string_literal: true

require_relative "decide/canonical"
require_relative "decide/column_values"
require_relative "declare/declared_scopes"
require_relative "declare/known_columns"
require_relative "declare/resolved_attributes"
require_relative "declare/resolved_keys"

module CrmSync
  module Contacts
    # Checks the declaration against the app's models: every name is resolved, and every value cast by the model's
    # types.
    class Schema
      include DeclaredScopes
      include KnownColumns
      include ResolvedAttributes
      include ResolvedKeys

      # @return [Declaration]
      attr_reader :declaration

      def initialize(declaration)
        @declaration = declaration
      end

      # @return [Class] the model
      def model
        @model ||= declaration.home || declaration.refuse(declaration.line_of(:model_name), no_model)
      end

      delegate :connection, to: :model

      # @return [Array<Symbol>] the columns that may be written, in the order of the plan
      def columns
        @columns ||= declaration.columns
      end

      # @return [Boolean] whether the column holds texts
      def text?(column) = %i[string text citext].include?(column(column)&.type) && !enum(column)

      # @return [Boolean] whether the column may be NULL
      def nullable?(column) = column(column).null

      # @return [Boolean] whether the database pads texts with blanks, as PostgreSQL does in +char(n)+
      def padded?(column) = pads?(column(column))

      # @param stored [ActiveRecord::ConnectionAdapters::Column, nil] a column of any table
      # @return (see #padded?)
      def pads?(stored)
        postgresql? && stored&.sql_type.to_s.match?(/\A(?:char|character|bpchar)\b(?! varying)/)
      end

      def postgresql?
        connection.adapter_name.match?(/postg/i)
      end

      # Returns the value as the model has it.
      # @raise [CrmSync::MappingError] when the column cannot hold it
      def cast(column, value, line)
        problem = misfit(column, value)
        declaration.refuse(line, problem) if problem
        type(column).cast(plain_value(value))
      end

      # @return [String, nil] the reason that the column cannot have the value: it would not be read back as it was
      #   written
      def misfit(column, value)
        return if value.nil? || column(column).nil? || column_values.declare?(column, value)

        known = enum(column)&.keys
        hint = known ? "there are #{known.map(&:to_sym).inspect}" : "the column is #{column(column).sql_type}"
        "#{value.inspect} is not a value of #{column.inspect}; #{hint}"
      end

      # @return [Boolean] whether the column keeps a value as it is
      def fits?(column, value) = column_values.keep?(column, value)

      # Returns the value that the text of a database row stands for.
      def from_database(column, text)
        type(column).deserialize(text)
      end

      # Returns the value as the column's type gives it to the database. The numbers of an enum's names are kept:
      # finding one takes Rails longer than all else that is done with a value.
      def serialize(column, value)
        numbers = (@numbers ||= {}).fetch(column) { @numbers[column] = enum(column) && {} }
        return type(column).serialize(value) unless numbers

        numbers.fetch(value) do
          stored = type(column).serialize(value)
          stored.is_a?(Integer) ? numbers[value] = stored : stored
        end
      end

      # Spells the keys out in the statement: Rails takes longer over hundreds of parameters than the database does over
      # the rows.
      #
      # @param records [ActiveRecord::Relation] of the model
      # @param keys [Array<Object>] primary keys, also as texts
      # @return [ActiveRecord::Relation] those with one of the keys
      def keyed(records, keys)
        type = type(model.primary_key)
        listed = keys.map { |key| type.serialize(type.cast(key)) }
        records.where("#{model.quoted_table_name}.#{model.quoted_primary_key} IN (?)", listed)
      end

      # Returns the value in a canonical form: values whose forms are equal mean the same in the column.
      def canonical(column, value)
        (@canonical ||= Canonical.new(self)).of(column, value)
      end

      # @param key [Object] a primary key
      # @return [Object] its canonical form
      def canonical_key(key) = canonical(model.primary_key, key)

      # @param key (see #canonical_key)
      # @return [String] the text that is the same for all forms of a key
      def text_of_key(key) = (key.is_a?(Integer) ? key : canonical_key(key)).to_s

      # @param key [Object] a primary key as the model has it
      # @return [Object] the key without the blanks that its column may pad it with
      def unpadded_key(key)
        key.is_a?(String) && padded?(model.primary_key) ? key.sub(/ +\z/, "") : key
      end

      # @return [Boolean] whether the keys are integers; others are read as texts
      def integer_keys? = column(model.primary_key).type == :integer

      # Loads records also outside of the default scope: the column that was written may have taken them out of it.
      #
      # @param keys (see #keyed)
      # @param associations [Array<Symbol>] associations that are loaded with them
      # @return [Hash{Object => ActiveRecord::Base}] the records by the canonical forms of their keys
      def load_records(keys, associations)
        keyed(model.unscoped, keys).preload(associations).index_by { |record| canonical_key(record.id) }
      end

      # Loads the associations of the keys into a record that may not load them by itself (+strict_loading+). Those of
      # a batch are loaded together, and a method that is written back is to work for one that is read alone as well.
      #
      # @param record [ActiveRecord::Base]
      # @return [ActiveRecord::Base] the record
      def complete(record)
        return record unless record.strict_loading?

        missing = associations_of_keys.reject { |name| record.association(name).loaded? }
        preload([record], missing) if missing.any?
        record
      end

      # @return [ActiveRecord::Relation] the users in a scope; everybody if the scope is nil
      def scope(name)
        name ? model.public_send(name) : model.all
      end

      # @param schema [String, nil] the schema that the connection leads to, if it is not the usual one
      # @return [String] the database that is written, with the schema
      def place(schema = Database.for(connection).schema(model))
        [model.connection_pool.db_config.database.to_s, schema].compact.join(", schema ")
      end

      private

      # Preloads as a relation does, which Rails has two forms for: one before 7.0, and one since.
      def preload(records, associations)
        preloader = ActiveRecord::Associations::Preloader
        return preloader.new.preload(records, associations) if preloader.method_defined?(:preload)

        preloader.new(records:, associations:).call
      end

      def column_values
        @column_values ||= ColumnValues.new(self)
      end

      def plain_value(value)
        value.is_a?(Symbol) ? value.to_s : value
      end

      def no_model
        name = declaration.model_name
        return "there is no model #{name}; correct the name" unless name.safe_constantize

        "#{name} is not a model of Active Record; name one that is"
      end
    end
    private_constant :Schema
  end
end
