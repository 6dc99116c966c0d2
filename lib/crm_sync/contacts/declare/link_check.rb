# frozen_string_literal: true

require_relative "../../notices/suggestion"
require_relative "../read/membership"

module CrmSync
  module Contacts
    # Checks whether the rows of the +has_one+ in +through:+ can hold the ids of contacts.
    class LinkCheck
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @model = schema.model
        @link = schema.link
      end

      # @return [Array<Array(String, String)>] for each problem, the line of the declaration and a text that says how to
      #   correct it
      def problems
        return [] unless @declaration.through

        problem = @link.model ? of_rows : no_rows
        problem ? [[@declaration.line_of(:through), "through: #{@link.name.inspect}: #{problem}"]] : []
      end

      private

      def association = @link.reflection

      def of_rows
        elsewhere || key || columns || scope || found_by_id
      end

      def no_rows
        known = @model.reflect_on_all_associations(:has_one).map(&:name)
        return no_class if association&.macro == :has_one && !association.through_reflection?

        what = association ? "it is no" : "there is no such association; say a"
        "#{what} has_one of #{@model.name} with rows of its own, such as: has_one #{@link.name.inspect}, " \
          "-> { where(name: \"salesforce_contact_id\") }, class_name: \"…\"; there are #{known.inspect}"
      end

      def no_class
        "the class #{association.class_name} is not there; correct class_name: of the has_one"
      end

      def elsewhere
        return if @link.model.connection_pool.equal?(@model.connection_pool)

        "its rows are in another database, and a user and the row are written in one transaction; keep the id beside " \
          "the user"
      end

      def key
        mend = "needs a primary key of one column, by which a row is deleted"
        return "#{@link.model.name} #{mend}" unless @link.model.primary_key.is_a?(String)
        return if association.active_record_primary_key.to_s == @model.primary_key

        "it belongs by another key than the primary one; say a has_one that belongs by #{@model.primary_key}"
      end

      def columns
        names = [association.foreign_key, association.type].compact.map(&:to_s)
        missing = names.find { |name| !@link.model.columns_hash.key?(name) }
        missing ? no_column(missing) : other_type(names.first, @model.primary_key)
      end

      def other_type(owner, key)
        return if @link.model.type_for_attribute(owner).type == @model.type_for_attribute(key).type

        "#{own_name(owner)} is of another type than #{@model.table_name}.#{key}; give both one type"
      end

      def no_column(name)
        "#{@link.model.table_name} has no column #{name}; #{Suggestion.mend(name, @link.model.column_names)}"
      end

      # Refuses conditions that a new row would not meet, and an association without conditions, whose rows may hold
      # more than the id.
      def scope
        return "its scope has an argument; say one without" if association.scope&.arity&.positive?

        mend = "say where(column: value)"
        equal = @link.rows.where_values_hash
        return "its scope is more than equalities, so that a new row may not be in it; #{mend}" unless plain?(equal)
        return if equal.except(association.type).compact.any?

        "it has no condition, so that its row may hold more than the contact's id, and an unlink deletes it; #{mend}"
      end

      def plain?(equal)
        all = @link.model.base_class.unscoped
        equal.values.none?(Array) && Membership.sql(@link.rows) == Membership.sql(all.where(equal))
      end

      # Refuses a column that identifies the row as the column of the contact's id.
      def found_by_id
        taken = [@link.model.primary_key, association.foreign_key, *@link.rows.where_values_hash.keys].map(&:to_s)
        return unless taken.include?(@link.column.to_s)

        "#{own_name(@link.column)} says which row it is; name the column that holds the id"
      end

      def own_name(column) = "#{@link.model.table_name}.#{column}"
    end
    private_constant :LinkCheck
  end
end
