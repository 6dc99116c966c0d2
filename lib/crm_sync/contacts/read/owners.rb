# frozen_string_literal: true

require_relative "value_search"

module CrmSync
  module Contacts
    # Finds the users who have a value of one of the keys, trusted or not, and tells how they were found.
    class Owners
      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @searches = schema.keys.to_h { |key| [key, ValueSearch.new(schema, key)] }
      end

      # @param text [String] a value
      # @return [Array(Array<Object>, String), nil] the primary keys of the users, and how they were found; nil if the
      #   text cannot be a value of any key
      def of_value(text)
        possible = @searches.select { |key, search| value?(key, search, text) }.keys
        return if possible.empty?

        names = possible.map { |key| address?(key) ? "address" : key.name }
        names = names.uniq.to_sentence(two_words_connector: " or ")
        found = having(possible.to_h { |key| [key, [text]] })
        [found, found.any? ? "has the #{names}" : "no user has this #{names}"]
      end

      # @param source [Declaration::Source]
      # @param leads [Boolean] whether the source is that of leads
      # @param id [String] the id of a contact or lead
      # @return [Array(Array<Object>, String)] the primary keys of the users, and how they were found
      # @raise [CrmSync::RemoteError] when Salesforce does not answer
      def of_record(source, leads, id)
        fields = @schema.keys.to_h { |key| [key, leads ? key.leads : key.to] }
        row = Salesforce.client(@schema.declaration.org).retrieve(source.object, [id], fields.values.flatten.uniq).first
        of_row(row, fields, "#{leads ? "lead" : "contact"} #{id}")
      end

      private

      def of_row(row, fields, name)
        return [[], "#{name} is not there, and no user is linked to it"] unless row

        found = having(fields.transform_values { |paths| paths.map { |path| row.dig(*path.split(".")) } })
        [found, found.any? ? "has #{what} of #{name}" : "no user is linked to #{name} or has #{what} of it"]
      end

      # Returns whether the text can be a value of the key: not every text is meant as an address.
      def value?(key, search, text)
        address?(key) ? text.include?("@") : !search.normalize(text).nil?
      end

      def address?(key) = key.kind == :email

      def what = @schema.keys.all? { |key| address?(key) } ? "an address" : "a value"

      def having(values)
        found = values.flat_map do |key, texts|
          wanted = texts.filter_map { |text| @searches[key].normalize(text) }
          wanted.any? ? @searches[key].owners(wanted) : []
        end
        found.uniq.sort
      end
    end
    private_constant :Owners
  end
end
