# frozen_string_literal: true

require_relative "../../notices/suggestion"
require_relative "association_rows"

module CrmSync
  module Contacts
    # Represents the association of a key: the rows that hold its values, and the column that connects them to users.
    #
    # Rows that refer to their user by the primary key are read as they are. All others, such as rows to which a user
    # refers, or rows of a +through+ association, are first joined with the users in a subquery. It has the name of the
    # rows' own table, so that scopes can refer to it.
    class KeyAssociation
      # The column of joined rows that holds the primary key of the user.
      OWNER = :crm_sync_owner
      private_constant :OWNER

      # @param schema [CrmSync::Contacts::Schema]
      # @param declared [Key]
      def initialize(schema, declared)
        @schema = schema
        @declared = declared
        @home = schema.model
      end

      # @return [void]
      # @raise [CrmSync::MappingError] when the association does not exist, or its rows cannot be read
      def check
        @schema.declaration.refuse(@declared.line, problem) unless reflection && usable?(reflection)
      end

      delegate :klass, :scope, to: :reflection

      # @return [Array<Class>] the models whose tables are read
      def models = reflection.chain.map(&:klass)

      # @return [Boolean] whether a user has at most one row
      def one? = !reflection.collection?

      # @return [Boolean] whether the rows are joined with the users
      def joined? = !names_user?(reflection)

      # @return [String] the quoted table of the rows, or the subquery that replaces it in a FROM clause
      def source
        return klass.quoted_table_name unless joined?

        users = @home.base_class
        key = users.arel_table[users.primary_key].as(Database.connection(@home).quote_column_name(OWNER))
        join = @home.unscoped.joins(reflection.name).select(key, klass.arel_table[Arel.star])
        "(#{join.to_sql}) #{klass.quoted_table_name}"
      end

      # @return [Symbol] the column that holds the primary key of the user
      def owner
        joined? ? OWNER : reflection.foreign_key.to_sym
      end

      # @return [ActiveRecord::Relation] the rows of the association; if they are joined, these are all rows of
      #   {#source}
      def rows
        joined? ? klass.all : AssociationRows.of(reflection, @home)
      end

      # @return [ActiveRecord::Reflection, nil]
      def reflection
        @reflection ||= @home.reflect_on_association(@declared.name)
      end

      private

      def usable?(association)
        return false if association.polymorphic? || !(names_user?(association) || plain_join?(association))

        association.klass.connection_pool.equal?(@home.connection_pool)
      rescue NameError
        false # A class of the association does not exist.
      end

      def names_user?(association)
        %i[has_many has_one].include?(association.macro) && !association.through_reflection? &&
          association.active_record_primary_key.to_s == @home.primary_key && !association.foreign_key.is_a?(Array)
      end

      # Returns whether the join meets each table only once: Rails would give the second occurrence another name.
      def plain_join?(association)
        return false if association.macro == :has_and_belongs_to_many

        tables = [@home, *association.chain.map(&:klass)].map(&:table_name)
        tables.uniq.size == tables.size && tables.none? { |table| table.include?(".") }
      end

      def problem
        name = @declared.name.inspect
        known = @home.reflect_on_all_associations.select { |association| usable?(association) }.map(&:name)
        missing = "match_by: #{@home.name} has no association #{name}; #{Suggestion.among(@declared.name, known)}"
        return missing unless reflection

        "match_by: #{name} is no association whose rows can be read; name a has_many, has_one or belongs_to of " \
          "#{@home.name}, also through others, in which no table is met twice, all are in the same database, and no " \
          "belongs_to is polymorphic; there are #{known.inspect}"
      end
    end
    private_constant :KeyAssociation
  end
end
