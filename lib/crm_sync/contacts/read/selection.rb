# frozen_string_literal: true

module CrmSync
  module Contacts
    # Builds the SELECT of a source from the declaration, so that no declaration can read a field that is not fetched.
    #
    # For every parent from which an attribute is taken, it also fetches the field that refers to the parent, and the
    # parent's own id: a parent that is referred to but does not come is unknown, and unknown is not empty.
    class Selection
      # @return [Array<String>] the fields, in the order of a row's cells
      attr_reader :fields

      # @param source [Declaration::Source]
      # @param keys [Array<Array(Symbol, Array<String>)>] for each key, the kind of its values and the fields that hold
      #   them
      def initialize(source, keys)
        @source = source
        @keys = keys
        @fields = []
        @parents = []
        add("Id")
        keys.flat_map(&:last).each { |path| add(path) }
      end

      # @return [Integer] the position of the field in every row
      def add(path)
        @fields.index(path) || (@fields.push(path).size - 1)
      end

      # @return [Array(Integer, Array<Integer>)] the position of the field, and the positions among {#parents} of all
      #   parents on the way to it
      def add_with_parents(path)
        [add(path), Internal::ApiName.parents(path).map { |parent| parent_number(parent) }]
      end

      # @return [Hash] for the native side
      def to_native
        {
          object: @source.object, where: @source.condition&.strip, fields: @fields, id: 0,
          keys: @keys.map { |kind, paths| { kind: kind.to_s, fields: paths.map { |path| add(path) } } }
        }
      end

      # @return [Array<Hash{Symbol => Integer}>] for each parent, the positions of its +reference+ and of its +id+
      def parents
        @parents.map { |parent| { reference: add(Internal::ApiName.reference(parent)), id: add("#{parent}.Id") } }
      end

      private

      def parent_number(parent)
        number = @parents.index(parent) || (@parents.push(parent).size - 1)
        parents
        number
      end
    end
    private_constant :Selection
  end
end
