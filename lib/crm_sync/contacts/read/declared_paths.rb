# frozen_string_literal: true

module CrmSync
  module Contacts
    # The Salesforce fields that a declaration names, each with the line that names it.
    class DeclaredPaths
      # The field of a lead that names the contact that it became.
      CONVERTED = "ConvertedContactId"

      # @param declaration [CrmSync::Contacts::Declaration]
      def initialize(declaration)
        @declaration = declaration
      end

      # @return [Array<Array(String, String)>] the fields of contacts
      def contacts
        [*@declaration.keys.flat_map { |key| at(key.to, key.line) },
         *@declaration.attributes.flat_map { |attribute| at(attribute.paths, attribute.line) }]
      end

      # @return [Array<Array(String, String)>] the fields of leads
      def leads
        [*@declaration.keys.flat_map { |key| at(key.leads, key.line) },
         *(at([CONVERTED], @declaration.stored_lead.line) if @declaration.stored_lead),
         *at([@declaration.lead_rules&.from].compact, @declaration.lead_rules&.line)]
      end

      private

      def at(paths, line)
        paths.map { |path| [path, line] }
      end
    end
    private_constant :DeclaredPaths
  end
end
