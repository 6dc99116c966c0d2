# frozen_string_literal: true

module CrmSync
  module Contacts
    # Checks that changes can be written past the model, if the declaration says +write :set_based+.
    class SetCheck
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
      end

      # @return [Array<Array(String, String)>] for each problem, the line of the declaration and a text that says how to
      #   correct it
      # @raise [CrmSync::ConfigurationError] when the database is not PostgreSQL, or does not allow temporary tables
      def problems
        return [] unless @declaration.way.name == :set_based

        database
        temporary_tables
        folded + (@schema.link.beside?(@schema.link.name) ? [[@declaration.way.line, beside]] : [])
      end

      private

      # Refuses attributes that are encrypted with +ignore_case: true+: the model shows the text of a column that
      # the setter of the attribute writes.
      def folded
        encrypted = @schema.model.try(:encrypted_attributes).to_a
        shown = @schema.columns.select { |column| encrypted.include?(:"original_#{column}") }
        shown.map { |column| [@declaration.way.line, other_column(column)] }
      end

      def other_column(column)
        "#{column} is encrypted with ignore_case:, and its text is in original_#{column}, which write :set_based " \
          "does not write; say write :records, or leave the word out"
      end

      def beside
        "write :set_based writes the columns of #{@schema.model.name} only, and the contact's id is kept in a row of " \
          "#{@schema.link.name}; say write :records, or leave the word out"
      end

      def database
        connection = @schema.connection
        return if Database.for(connection).is_a?(Database::PostgreSQL)

        raise ConfigurationError, "#{@declaration.way.line}: write :set_based needs PostgreSQL, and this is " \
                                  "#{connection.adapter_name}; say write :records, or leave the word out"
      end

      def temporary_tables
        allowed = "SELECT has_database_privilege(current_database(), 'TEMPORARY')"
        return if @schema.connection.select_value(allowed, "SCHEMA")

        raise ConfigurationError, "#{@declaration.way.line}: write :set_based needs temporary tables, which this " \
                                  "database user may not make; GRANT TEMPORARY ON DATABASE … TO …"
      end
    end
    private_constant :SetCheck
  end
end
