# frozen_string_literal: true

require_relative "../declare/rails_columns"

module CrmSync
  module Contacts
    # Checks whether the database lets the app write what a run changes: the columns of the declaration, those that
    # Rails updates with them, and the rows with the ids of contacts. It asks for the rights, and writes nothing.
    class WriteAccess
      # @param schema [CrmSync::Contacts::Schema] a schema that has passed {HostCheck.run}
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @model = schema.model
        @database = Database.for(schema.connection)
      end

      # @return [String] what is fine
      # @raise [CrmSync::MappingError] when the app may not write a table
      def run
        @declaration.refuse_all(of_users + of_links)
        "the app may write #{[@model, @schema.link.model].uniq.map(&:table_name).join(" and ")}"
      end

      private

      def of_users
        missing = @database.unchangeable(@model, written)
        return [] if missing.empty? && lockable?

        [[@declaration.line_of(:model_name), refusal(@model, "UPDATE", missing)]]
      end

      def written
        own = [*(@declaration.foreign_key unless @declaration.through), *@schema.columns].map(&:to_s).uniq
        own.empty? ? [] : own | kept_by_rails(@model)
      end

      # Returns whether rows can be locked, for which PostgreSQL demands the right to update one column, whichever.
      def lockable?
        all = @model.column_names
        @database.unchangeable(@model, all) != all
      end

      def kept_by_rails(model) = RailsColumns.times(model) + RailsColumns.version(model)

      # Links create, update and delete rows where these hold the ids.
      def of_links
        return [] unless @declaration.through

        model = @schema.link.model
        columns = @database.unchangeable(model, [@schema.link.column.to_s, *kept_by_rails(model)])
        rights = [*("UPDATE" if columns.any?), *@database.lacking_rights(model)]
        rights.empty? ? [] : [[@declaration.line_of(:through), refusal(model, rights.join(", "))]]
      end

      def refusal(model, rights, columns = [])
        where = columns.any? ? "#{columns.join(", ")} of #{model.table_name}" : model.table_name
        "the app's role may not write #{where}; grant it #{rights}, as is needed where another role runs the migrations"
      end
    end
    private_constant :WriteAccess
  end
end
