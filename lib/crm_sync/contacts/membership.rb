# frozen_string_literal: true

module CrmSync
  module Contacts
    # SQL for "this row is in that relation".
    # @api private
    module Membership
      # Where the relation has only conditions of its own they stand as they are, which lets the database use them;
      # otherwise the row is looked for among the relation's keys.
      #
      # @param relation [ActiveRecord::Relation]
      # @return [String]
      def self.sql(relation)
        table = relation.klass.quoted_table_name
        plain = "SELECT #{table}.* FROM #{table}"
        sql = relation.to_sql
        return "(1 = 1)" if sql == plain
        if conditions_only?(relation) && sql.start_with?("#{plain} WHERE ")
          return "(#{sql.delete_prefix("#{plain} WHERE ")})"
        end

        key = "#{relation.klass.quoted_table_name}.#{relation.klass.quoted_primary_key}"
        "(#{key} IN (#{relation.reselect(relation.klass.primary_key).to_sql}))"
      end

      def self.conditions_only?(relation)
        (relation.values.keys - [:where]).empty?
      end
      private_class_method :conditions_only?
    end
  end
end
