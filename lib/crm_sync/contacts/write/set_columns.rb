# frozen_string_literal: true

require_relative "set_sql"

module CrmSync
  module Contacts
    # Builds the columns of {SetTable}.
    class SetColumns
      include SetSql

      # A column: its name, SQL that has its type and collation, and a proc that returns its value for a change.
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
        key = @model.primary_key
        [
          Column.new("number", "0", ->(_, number) { number }),
          Column.new("key", own(key), ->(change, _) { @schema.serialize(key, change.key) })
        ]
      end

      def writing(name, place)
        [
          Column.new("writes_#{place}", "TRUE", ->(change, _) { change.after.key?(name) }),
          Column.new("after_#{place}", own(name), ->(change, _) { @schema.serialize(name, change.after[name]) })
        ]
      end
    end
    private_constant :SetColumns
  end
end
