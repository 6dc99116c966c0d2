# frozen_string_literal: true

module CrmSync
  module Contacts
    # Builds SQL for the condition that a row is in a relation.
    module Membership
      # The parts of a relation that do not decide which rows are in it.
      IRRELEVANT = %i[select includes preload eager_load order reordering readonly distinct].freeze
      private_constant :IRRELEVANT

      # The result of {.sql} for a relation that has all rows.
      ALL = "(1 = 1)"

      # Returns the relation's conditions as they are if it has nothing else, so that the database can use them;
      # otherwise the condition that the row's key is among those of the relation.
      # @param relation [ActiveRecord::Relation] a relation that {ScopeCheck} accepts
      # @return [String]
      def self.sql(relation)
        relation = plain(relation)
        table = relation.klass.quoted_table_name
        start = "SELECT #{table}.* FROM #{table}"
        # Selects all columns by a star, because Rails lists the columns if the model ignores one.
        sql = relation.select("#{table}.*").to_sql
        return "(1 = 0)" if sql.empty? # as for `none` in Rails before 7.1
        return ALL if sql == start
        return "(#{sql.delete_prefix("#{start} WHERE ")})" if conditions_only?(relation)

        key = "#{table}.#{relation.klass.quoted_primary_key}"
        "(#{key} IN (#{relation.select(relation.klass.primary_key).to_sql}))"
      end

      # Keeps only the parts of the relation that decide which rows are in it. Eager loading is turned into joins, as
      # Rails does, because conditions may refer to the joined tables.
      def self.plain(relation)
        eager = relation.eager_loading? ? relation.includes_values + relation.eager_load_values : []
        plain = relation.except(*IRRELEVANT)
        eager.any? ? plain.left_outer_joins(*eager) : plain
      end
      private_class_method :plain

      def self.conditions_only?(relation)
        (relation.values.keys - %i[where references extending]).empty?
      end
      private_class_method :conditions_only?
    end
    private_constant :Membership
  end
end
