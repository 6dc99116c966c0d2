# frozen_string_literal: true

module CrmSync
  module Organizations
    # The records that accounts name and that fields are read from, such as +Owner+ in +Owner.Name+. For each of them
    # the field that names it and its own id are fetched as well: a record that is named and does not come cannot be
    # read, and its values are unknown, not empty.
    class Parents
      # @param fields [Array<String>] of an account
      def initialize(fields)
        @fields = fields
        @parents = fields.flat_map { |path| Internal::ApiName.parents(path) }.uniq
      end

      # @return [Array<String>] the fields, and those that must be read beside them
      def fields
        [*@fields, *@parents.flat_map { |parent| [Internal::ApiName.reference(parent), "#{parent}.Id"] }].uniq
      end

      # @return [Array<Hash{Symbol => Object}>] for each parent the positions, among {#fields}, of the field that names
      #   it (+reference+), of its +id+, and of the +fields+ that are read from it
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
