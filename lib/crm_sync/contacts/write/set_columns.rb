# frozen_string_literal: true

require_relative "set_sql"

module CrmSync
  module Contacts
    # Builds the columns of {SetTable}.
    class SetColumns
      include SetSql

      # A column: the SQL that gives its type and collation, and the value for a change.
      Column = Struct.new(:name, :like, :value)

      # @param schema [CrmSync::Contacts::Schema]
      # @param premises [CrmSync::Contacts::Premises]
      def initialize(schema, premises)
        @schema = schema
        @model = schema.model
        @premises = premises
      end

      # @param written [Array<Symbol>] the model's columns that the changes write
      # @return [Array<Column>]
      def of(written)
        identity + @premises.columns(written) + written.each_with_index.flat_map { |name, place| writing(name, place) }
      end

      private

      def identity
        key = @schema.type(@model.primary_key)
        [
          Column.new("number", "0", ->(_, number) { number }),
          Column.new("key", own(@model.primary_key), ->(change, _) { key.serialize(change.key) })
        ]
      end

      def writing(name, place)
        type = @schema.type(name)
        [
          Column.new("writes_#{place}", "TRUE", ->(change, _) { change.after.key?(name) }),
          Column.new("after_#{place}", own(name), ->(change, _) { type.serialize(change.after[name]) })
        ]
      end
    end
    private_constant :SetColumns
  end
end
