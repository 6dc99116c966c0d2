# frozen_string_literal: true

require_relative "../read/membership"

module CrmSync
  module Contacts
    # Knows the premises that the database can check by itself: which of them a change depends on, and their SQL, which
    # is the same for one record and for a batch.
    class Conditions
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @in_scope = {}
      end

      # @param change [CrmSync::Change]
      # @return [Symbol, nil] the scope in which the record must still be
      def scope(change)
        case change.action
        # Applies to new links only: a user who was linked gets another contact whoever may be linked anew.
        when :link then @declaration.link_scope
        when :lead then @declaration.lead_rules.scope
        when :sweep then @declaration.sweep.scope
        end
      end

      # @return [Array<Symbol>] all possible results of {#scope}
      def scopes
        [@declaration.link_scope, @declaration.lead_rules&.scope, @declaration.sweep&.scope].compact.uniq
      end

      # @param change [CrmSync::Change]
      # @return [Array<String>] the contact that no other record may have, in both spellings; empty if others may
      def sole_contact(change)
        return [] unless @declaration.sharing == :hold && %i[link relink].include?(change.action)

        RecordId.spellings(change.contact_id)
      end

      # @param name [Symbol]
      # @return [String] SQL for: the record is in the scope
      def in_scope(name)
        @in_scope[name] ||= Membership.sql(@schema.scope(name))
      end

      # @return [String] SQL for: the model's default scope and type let the record through
      def there
        Membership.sql(@schema.model.all)
      end

      # @param ids [Array<String>] SQL for each spelling in which the contact may be stored
      # @return [String] SQL for: the contact is another record's, in the model's default scope or not
      def taken(ids)
        table = @schema.model.quoted_table_name
        link = @schema.connection.quote_column_name(@declaration.foreign_key)
        key = @schema.model.quoted_primary_key
        "EXISTS (SELECT 1 FROM #{table} others WHERE others.#{link} IN (#{ids.join(", ")}) " \
          "AND others.#{key} <> #{table}.#{key})"
      end
    end
    private_constant :Conditions
  end
end
