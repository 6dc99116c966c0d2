# frozen_string_literal: true

require_relative "../../notices/suggestion"
require_relative "../declare/attribute"

module CrmSync
  module Contacts
    # Compares the values of picklists with the values that the declaration names. A value that it does not name is an
    # issue in each run that reads it; a name without a value is usually a slip.
    class PicklistAdvice
      # @param schema [CrmSync::Contacts::Schema]
      # @param fields [CrmSync::Internal::DescribedFields]
      def initialize(schema, fields)
        @declaration = schema.declaration
        @attributes = schema.attributes.select { |one| one.mapped? && one.paths.one? }
        @fields = fields
      end

      # @return [Array<String>] what to do, each with the line of the declaration
      # @raise [CrmSync::RemoteError] when the org does not describe an object
      def texts
        [*@attributes.flat_map { |attribute| of_attribute(attribute) }, *of_leads]
      end

      private

      def of_attribute(attribute)
        path = attribute.paths.first
        values = values(@declaration.contacts.object, path) or return []
        unmapped = values.select { |value| attribute.outcome([value]).equal?(Attribute::QUARANTINE) }
        [*misnamed(attribute.line, "map:", path, attribute.names, values),
         *unnamed(attribute.line, path, unmapped, "map: has no value for it, so that users whose contact has it are " \
                                                  "left alone")]
      end

      def of_leads
        rules = @declaration.lead_rules or return []
        values = values(@declaration.leads.object, rules.from) or return []
        known = rules.rules.flat_map { |rule| rule.statuses.to_a }
        others = rules.rules.any? { |rule| rule.statuses.nil? } ? [] : values - known
        [*misnamed(rules.line, "lead_status", rules.from, known, values),
         *unnamed(rules.line, rules.from, others, "no rule of lead_status names it, so that users with such a lead " \
                                                  "are left alone")]
      end

      # Returns the active values of a picklist; nil for another field, and for one of a parent.
      def values(object, path)
        field = @fields.find(object, path)
        field.picklist_values if field&.type == :picklist
      end

      def misnamed(line, word, path, names, values)
        (names - values).map do |name|
          near = Suggestion.for(name, values)
          mend = near ? "did you mean #{near.inspect}?" : "records may still have it if it is inactive"
          "#{line}: #{word} names #{name.inspect}, which is no active value of #{path}; #{mend}"
        end
      end

      def unnamed(line, path, values, consequence)
        values.map { |value| "#{line}: #{path} has the value #{Presentable.text(value).inspect}; #{consequence}" }
      end
    end
    private_constant :PicklistAdvice
  end
end
