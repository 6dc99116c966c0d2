# frozen_string_literal: true

require_relative "../read/membership"
require_relative "../read/spellings"

module CrmSync
  module Contacts
    # The premises at which the database can look by itself: which of them a change stands on, and their SQL, which is
    # the same for one record and for a batch.
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
        # Who was linked gets another contact whoever may be linked anew.
        when :link then @declaration.link_scope
        when :lead then @declaration.lead_rules.scope
        when :sweep then @declaration.sweep.scope
        end
      end

      # @return [Array<Symbol>] what {#scope} can be
      def scopes
        [@declaration.link_scope, @declaration.lead_rules&.scope, @declaration.sweep&.scope].compact.uniq
      end

      # @param change [CrmSync::Change]
      # @return [Array<String>] the contact that must be nobody else's, in both spellings; none where it may be
      def sole_contact(change)
        return [] unless @declaration.sharing == :hold && %i[link relink].include?(change.action)

        Spellings.of(change.contact_id)
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

      # @param ids [Array<String>] SQL for the ways in which the contact may be stored
      # @return [String] SQL for: the contact is another record's, which need not be in the model's default scope
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
