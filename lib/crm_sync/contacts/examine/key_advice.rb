# frozen_string_literal: true

module CrmSync
  module Contacts
    # Finds keys whose values are compared as texts although Salesforce has something there that has several spellings:
    # addresses, whose letter case does not matter, and ids, which may be stored without their last three characters.
    # Such a key silently matches fewer people than it should.
    class KeyAdvice
      # The field that holds addresses in every org.
      EMAIL = "Email"
      # The types of fields with ids, which are read in 18 characters.
      IDS = %i[id reference].freeze
      private_constant :EMAIL, :IDS

      # @param schema [CrmSync::Contacts::Schema] a schema that has passed {HostCheck.run}
      # @param fields [DescribedFields, nil] nil where the org cannot be asked
      def initialize(schema, fields)
        @schema = schema
        @declaration = schema.declaration
        @fields = fields
      end

      # @return [Array<String>] what to do, each with the line of the declaration
      # @raise [CrmSync::RemoteError] when the org does not describe an object
      def texts
        keys = @schema.keys.select { |key| key.kind == :text }
        keys.flat_map { |key| paths(key).filter_map { |object, path| of(key, object, path) } }.uniq
      end

      private

      def paths(key)
        [[@declaration.contacts, key.to], [@declaration.leads, key.leads]].flat_map do |source, paths|
          source ? [source.object].product(paths) : []
        end
      end

      def of(key, object, path)
        type = type(object, path)
        if type == :email then said(key, addresses(path)) unless key.as
        elsif IDS.include?(type) && short?(key) then said(key, ids(key, path))
        end
      end

      # Returns the type of a field; nil for one of a parent that the org is not asked for.
      def type(object, path)
        path.split(".").last.casecmp?(EMAIL) ? :email : @fields&.find(object, path)&.type
      end

      def said(key, text) = "#{key.line}: match_by #{key.name.inspect}: #{text}"

      def addresses(path)
        "#{path} has addresses, and they are compared as texts, so that letter case matters; add as: :email, or " \
          "as: :text if that is meant"
      end

      # Returns whether the app stores ids with 15 characters.
      def short?(key)
        column = key.model.arel_table[key.column]
        key.rows.where(Arel::Nodes::NamedFunction.new("LENGTH", [column]).eq(15)).exists?
      end

      def ids(key, path)
        "#{path} has ids, which are read in 18 characters, and #{key.model.table_name}.#{key.column} has some in 15, " \
          "which match nobody; store them in 18"
      end
    end
    private_constant :KeyAdvice
  end
end
