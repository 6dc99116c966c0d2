# frozen_string_literal: true

require_relative "decide/canonical"
require_relative "decide/column_values"
require_relative "decide/database_values"
require_relative "declare/declared_scopes"
require_relative "declare/known_columns"
require_relative "declare/resolved_attributes"
require_relative "declare/resolved_keys"

module CrmSync
  module Contacts
    # Represents the declaration, resolved against the app's models: it finds the models, columns and associations that
    # are named, and casts values by the model's types.
    class Schema
      include DatabaseValues
      include DeclaredScopes
      include KnownColumns
      include ResolvedAttributes
      include ResolvedKeys

      # @return [Declaration]
      attr_reader :declaration

      def initialize(declaration)
        @declaration = declaration
      end

      # @return [Class] the model that is synced
      # @raise [CrmSync::MappingError] when it does not exist
      def model
        @model ||= declaration.home || declaration.refuse(declaration.line_of(:model_name), no_model)
      end

      # @return [ActiveRecord::ConnectionAdapters::AbstractAdapter] the thread's connection to the model's database
      def connection = Database.connection(model)

      # @return [Array<Symbol>] the columns that may be written, in the order of the plan
      def columns
        @columns ||= declaration.columns
      end

      # @return [Boolean] whether the column holds text and is not an enum
      def text?(column) = %i[string text citext].include?(column(column)&.type) && !enum(column)

      # @return [Boolean] whether NULL can be written to the column
      def nullable?(column) = column(column).null

      # @return [Boolean] whether the database pads texts with blanks, as PostgreSQL does for +char(n)+
      def padded?(column) = pads?(column(column))

      # @param stored [ActiveRecord::ConnectionAdapters::Column, nil] a column of any table
      # @return (see #padded?)
      def pads?(stored)
        postgresql? && stored&.sql_type.to_s.match?(/\A(?:char|character|bpchar)\b(?! varying)/)
      end

      def postgresql?
        connection.adapter_name.match?(/postg/i)
      end

      # Casts a declared value to the model's value.
      # @raise [CrmSync::MappingError] when the column cannot hold the value
      def cast(column, value, line)
        problem = misfit(column, value)
        declaration.refuse(line, problem) if problem
        type(column).cast(plain_value(value))
      end

      # @return [String, nil] the reason that the column cannot have the value, which is that reading it back would give
      #   another value; nil if it can
      def misfit(column, value)
        return if value.nil? || column(column).nil? || column_values.declare?(column, value)

        known = enum(column)&.keys
        hint = known ? "there are #{known.map(&:to_sym).inspect}" : "the column is #{column(column).sql_type}"
        "#{value.inspect} is not a value of #{column.inspect}; #{hint}"
      end

      # @return [Boolean] whether the column keeps the value as it is
      def fits?(column, value) = column_values.keep?(column, value)

      # Restricts a relation to some primary keys. They are written into the statement, because Rails takes longer for
      # hundreds of bind parameters than the database does for the rows.
      #
      # @param records [ActiveRecord::Relation] of the model
      # @param keys [Array<Object>] primary keys, which may be given as text
      # @return [ActiveRecord::Relation] the records with one of the keys
      def keyed(records, keys)
        type = type(model.primary_key)
        listed = keys.map { |key| type.serialize(type.cast(key)) }
        records.where("#{model.quoted_table_name}.#{model.quoted_primary_key} IN (?)", listed)
      end

      # Returns the canonical form of a value: two values mean the same in the column if their forms are equal.
      def canonical(column, value)
        (@canonical ||= Canonical.new(self)).of(column, value)
      end

      # @param key [Object] a primary key
      # @return [Object] its canonical form
      def canonical_key(key) = canonical(model.primary_key, key)

      # @param key (see #canonical_key)
      # @return [String] the same text for all forms of a key
      def text_of_key(key) = (key.is_a?(Integer) ? key : canonical_key(key)).to_s

      # @param key [Object] a primary key as the model has it
      # @return [Object] the key without the blanks with which its column may pad it
      def unpadded_key(key)
        key.is_a?(String) && padded?(model.primary_key) ? unpad(key) : key
      end

      # @param text [String] a text of a column that {#pads?}
      # @return [String] the text without the blanks with which the column pads it
      def unpad(text) = text.sub(/ +\z/, "")

      # @return [Boolean] whether the keys are integers; other keys are read as texts
      def integer_keys? = column(model.primary_key).type == :integer

      # Loads records without the default scope: the column that was written may have taken them out of it.
      #
      # @param keys (see #keyed)
      # @param associations [Array<Symbol>] associations to be preloaded
      # @return [Hash{Object => ActiveRecord::Base}] the records by the canonical forms of their keys
      def load_records(keys, associations)
        keyed(model.unscoped, keys).preload(associations).index_by { |record| canonical_key(record.id) }
      end

      # Loads the associations of the keys into a record with +strict_loading+, which cannot load them itself. The
      # records of a batch have them preloaded; a method whose value is written back must work for a record that is
      # loaded alone as well.
      #
      # @param record [ActiveRecord::Base]
      # @return [ActiveRecord::Base] the same record
      def complete(record)
        return record unless record.strict_loading?

        missing = associations_of_keys.reject { |name| record.association(name).loaded? }
        preload([record], missing) if missing.any?
        record
      end

      # @return [ActiveRecord::Relation] the users in a scope; all users if the name is nil
      def scope(name)
        name ? model.public_send(name) : model.all
      end

      # @param schema [String, nil] the schema to which the connection leads, if it is not the default one
      # @return [String] the name of the database that is written, with the schema
      def place(schema = Database.for(connection).schema(model))
        [model.connection_pool.db_config.database.to_s, schema].compact.join(", schema ")
      end

      private

      # Preloads associations as a relation does; the interface of Rails' preloader changed in 7.0.
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
        return "#{name} is not a model of Active Record; name one that is" if name.safe_constantize

        near = name.classify
        mend = near != name && near.safe_constantize ? "did you mean #{near}?" : "correct the name"
        "there is no model #{name}; #{mend}"
      end
    end
    private_constant :Schema
  end
end
