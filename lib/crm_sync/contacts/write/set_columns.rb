# frozen_string_literal: true

module CrmSync
  module Contacts
    # Builds the columns of {SetTable}.
    class SetColumns
      # A column: the SQL that gives its type and collation, and the value for a change.
      Column = Struct.new(:name, :like, :value)

      # @param schema [CrmSync::Contacts::Schema]
      # @param conditions [CrmSync::Contacts::Conditions]
      def initialize(schema, conditions)
        @schema = schema
        @declaration = schema.declaration
        @conditions = conditions
      end

      # @param written [Array<Symbol>] the model's columns that the changes write
      # @return [Array<Column>]
      def of(written)
        identity + premises + address + written.each_with_index.flat_map { |name, place| writing(name, place) }
      end

      private

      def identity
        model = @schema.model
        key = @schema.type(model.primary_key)
        [
          Column.new("number", "0", ->(_, number) { number }),
          Column.new("key", sql(model, model.primary_key), ->(change, _) { key.serialize(change.key) })
        ]
      end

      def premises
        link = sql(@schema.model, @declaration.foreign_key)
        type = @schema.type(@declaration.foreign_key)
        [
          Column.new("link", link, ->(change, _) { type.serialize(change.basis.link) }),
          Column.new("scope", "text ''", ->(change, _) { @conditions.scope(change)&.to_s }),
          Column.new("contact", link, ->(change, _) { @conditions.sole_contact(change)[0] }),
          Column.new("short_contact", link, ->(change, _) { @conditions.sole_contact(change)[1] })
        ]
      end

      def address
        model = @schema.address_model
        owner = @schema.association.foreign_key
        key = model.type_for_attribute(owner)
        text = sql(model, @declaration.address_column)
        [
          Column.new("owner", "(SELECT #{sql(model, owner)} FROM #{model.quoted_table_name})",
                     ->(change, _) { key.serialize(change.key) }),
          Column.new("address", "(SELECT LOWER(#{text}) FROM #{model.quoted_table_name})",
                     ->(change, _) { change.basis.address }),
          Column.new("tier", "0", ->(change, _) { change.basis.tier if change.basis.address })
        ]
      end

      def writing(name, place)
        like = sql(@schema.model, name)
        type = @schema.type(name)
        [
          Column.new("writes_#{place}", "TRUE", ->(change, _) { change.after.key?(name) }),
          Column.new("before_#{place}", like, ->(change, _) { type.serialize(change.before[name]) }),
          Column.new("after_#{place}", like, ->(change, _) { type.serialize(change.after[name]) })
        ]
      end

      def sql(model, name)
        "#{model.quoted_table_name}.#{@schema.connection.quote_column_name(name)}"
      end
    end
    private_constant :SetColumns
  end
end
