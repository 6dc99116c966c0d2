# frozen_string_literal: true

module CrmSync
  module Organizations
    # The parent records of accounts from which fields are read, such as +Owner+ in +Owner.Name+. For each parent, the
    # field that refers to it and its own id are read as well: a parent that is referred to and not returned cannot be
    # read, and its values are unknown, not empty.
    class Parents
      # @param fields [Array<String>] of an account
      def initialize(fields)
        @fields = fields
        @parents = fields.flat_map { |path| Internal::ApiName.parents(path) }.uniq
      end

      # @return [Array<String>] the fields, and those that must be read besides them
      def fields
        [*@fields, *@parents.flat_map { |parent| [Internal::ApiName.reference(parent), "#{parent}.Id"] }].uniq
      end

      # @return [Array<Hash{Symbol => Object}>] for each parent the positions, among {#fields}, of the field that refers
      #   to it (+reference+), of its +id+, and of the +fields+ that are read from it
      def positions
        places = fields
        @parents.map do |parent|
          from_it = places.each_index.select { |place| places[place].start_with?("#{parent}.") }
          { reference: places.index(Internal::ApiName.reference(parent)), id: places.index("#{parent}.Id"),
            fields: from_it }
        end
      end
    end
    private_constant :Parents
  end
end
