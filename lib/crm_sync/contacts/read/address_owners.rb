# frozen_string_literal: true

require_relative "membership"

module CrmSync
  module Contacts
    # Builds SQL conditions about the users whom addresses belong to. What is left of a user who does not exist claims
    # nothing, and neither does a user outside of the declared scopes.
    module AddressOwners
      class << self
        # @param schema [CrmSync::Contacts::Schema]
        # @return [String] SQL for: the address belongs to a user who exists, in the default scope or not
        def sql(schema)
          owner, key = alike(schema, owner(schema), key(schema))
          "#{owner} IN (SELECT #{key} FROM #{users(schema)})"
        end

        # Few databases have such addresses, so that they are found faster than all others are told from them.
        #
        # @param schema [CrmSync::Contacts::Schema]
        # @return [String] SQL for: the address belongs to somebody who does not exist
        def lost(schema)
          lost = "lost.#{quoted(schema, schema.association.foreign_key)}"
          owner, key = alike(schema, lost, key(schema))
          "#{owner(schema)} IN (SELECT DISTINCT #{lost} FROM #{schema.address_model.quoted_table_name} lost " \
            "WHERE #{lost} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM #{users(schema)} AND #{key} = #{owner}))"
        end

        # @param schema [CrmSync::Contacts::Schema]
        # @param columns [Array<String>] SQL for foreign keys of addresses and keys of users
        # @return [Array<String>] SQL by which they can be compared: both as texts if their types differ
        def alike(schema, *columns)
          same_type?(schema) ? columns : columns.map { |column| "CAST(#{column} AS text)" }
        end

        private

        # Names the table as it is, as the declared scopes do.
        def users(schema)
          "#{schema.model.quoted_table_name} WHERE #{Membership.sql(schema.everybody)}"
        end

        def key(schema)
          "#{schema.model.quoted_table_name}.#{schema.model.quoted_primary_key}"
        end

        def owner(schema)
          "#{schema.address_model.quoted_table_name}.#{quoted(schema, schema.association.foreign_key)}"
        end

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
