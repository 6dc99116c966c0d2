# frozen_string_literal: true

module CrmSync
  module Contacts
    # Builds the SQL condition that an address has an owner at all: what is left of a user who does not exist claims
    # nothing.
    module AddressOwners
      class << self
        # @param schema [CrmSync::Contacts::Schema]
        # @return [String] SQL for: the address belongs to a user who exists, in the default scope or not
        def sql(schema)
          model = schema.model
          owner = "#{schema.address_model.quoted_table_name}.#{quoted(schema, schema.association.foreign_key)}"
          key = "key_of.#{model.quoted_primary_key}"
          # Compares both as texts if the foreign key has another type than the key.
          owner, key = [owner, key].map { |column| "CAST(#{column} AS text)" } unless same_type?(schema)
          "#{owner} IN (SELECT #{key} FROM #{model.quoted_table_name} key_of)"
        end

        private

        def quoted(schema, name)
          schema.connection.quote_column_name(name)
        end

        def same_type?(schema)
          stored = schema.address_model.type_for_attribute(schema.association.foreign_key.to_s).type
          stored == schema.type(schema.model.primary_key).type
        end
      end
    end
    private_constant :AddressOwners
  end
end
