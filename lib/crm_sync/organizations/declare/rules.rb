# frozen_string_literal: true

module CrmSync
  module Organizations
    # Converts a declaration to the form for the native side.
    class Rules
      # @param declaration [CrmSync::Organizations::Declaration]
      # @param fields [CrmSync::Organizations::Fields] the fields that the declaration was checked against
      # @param came_to [Array<Hash>] the results of earlier writes (see {CameTo#to_native})
      def initialize(declaration, fields, came_to)
        @declaration = declaration
        @fields = fields
        @came_to = came_to
      end

      # @return [Hash{Symbol => Object}]
      def to_h
        key = { place: @declaration.organizations.place, name: @declaration.organizations.key }
        {
          account_fields: @declaration.account_fields, account_key: 0, organization_key: key,
          attributes: @declaration.written.map { |attribute| attribute(attribute) }, managed:, mark:,
          outside_managed: @declaration.outside_managed, name_taken: @declaration.name_taken,
          parents: @declaration.parents.positions, remembered: @came_to
        }
      end

      private

      def attribute(attribute)
        {
          place: attribute.place, name: attribute.name, type: @fields.type(attribute),
          source: attribute.source(@declaration.account_fields), options: @fields.options(attribute)
        }
      end

      def managed
        organizations = @declaration.organizations
        return unless organizations.managed_field

        { field: organizations.managed_field, values: organizations.managed_values }
      end

      def mark
        rule = @declaration.mark_rule
        rule && { field: rule.field, unmark: rule.unmark, only_if: }
      end

      def only_if
        filter = @declaration.mark_filter
        filter && { field: filter.field, day: filter.duration.ago.utc.to_date.iso8601 }
      end
    end
    private_constant :Rules
  end
end
