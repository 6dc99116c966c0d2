# frozen_string_literal: true

module CrmSync
  module Organizations
    # A place in an organization, and the source of its value.
    class Attribute
      # The attributes of an organization itself that a sync can write, with their types.
      OWN = { "name" => "text", "details" => "text", "notes" => "text", "shared_tickets" => "checkbox",
              "shared_comments" => "checkbox" }.freeze
      # The forms in which an account's field can be written.
      FORMS = %i[salesforce_id15].freeze

      # The attribute in which other integrations look for the account's id.
      EXTERNAL_ID = "external_id"

      # Returns the attribute that writes the account's id to +external_id+.
      def self.external_id(key)
        new(:attribute, EXTERNAL_ID, nil, from: key)
      end

      # The kind of place (+:attribute+ or +:field+), the name, the line of the declaration, and the options of the
      # source.
      attr_reader :place, :name, :line, :as, :equals, :first_of

      # @param first_of [Hash{Hash{String => Object} => Object}, nil]
      def initialize(place, name, line, from: nil, as: nil, equals: nil, first_of: nil)
        @place = place
        @name = name.to_s
        @line = line
        @from = from
        @as = as
        @equals = equals
        @first_of = first_of
        freeze
      end

      # @return [Array<String>] the account's fields that the value is taken from
      def paths
        first_of ? first_of.keys.flat_map(&:keys).uniq : [@from]
      end

      # @return [Boolean] whether the value is the result of a condition
      def condition?
        !equals.nil?
      end

      # @param fields [Array<String>] the account's fields, which are numbers on the native side
      # @return [Hash{Symbol => Object}] for the native side
      def source(fields)
        if first_of
          cases = first_of.map { |conditions, value| { when: all(conditions, fields), then: value } }
          { kind: :first_of, cases: }
        elsif condition? then { kind: :equals, **condition(@from, equals, fields) }
        else
          { kind: as ? :id15 : :field, field: fields.index(@from) }
        end
      end

      private

      def all(conditions, fields)
        conditions.map { |path, value| condition(path, value, fields) }
      end

      def condition(path, value, fields)
        { field: fields.index(path), equals: value }
      end
    end
    private_constant :Attribute
  end
end
