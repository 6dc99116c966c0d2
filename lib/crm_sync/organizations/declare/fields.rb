# frozen_string_literal: true

require_relative "../../notices/suggestion"

module CrmSync
  module Organizations
    # Checks a declaration against the organization fields of an instance: Zendesk ignores keys that it does not know,
    # so that a slip would look like success.
    class Fields
      # The types of fields that hold one value, which can be compared.
      KINDS = %w[text textarea regexp integer decimal checkbox date dropdown].freeze
      TEXTS = %w[text textarea regexp].freeze
      private_constant :KINDS, :TEXTS

      # @param declaration [CrmSync::Organizations::Declaration]
      # @param definitions [Array<Hash{String => Object}>] as {CrmSync::Zendesk::Client#organization_fields} gives them
      # @param instance [String] the name of the instance in messages
      def initialize(declaration, definitions, instance)
        @declaration = declaration
        @definitions = definitions.to_h { |field| [field.fetch("key"), field] }
        @instance = instance
      end

      # Finds fields that do not exist or have the wrong type.
      # @return [Array<Array(String, String)>] for each problem the line of the declaration, and a message with the
      #   correction
      def problems
        @problems = []
        @declaration.written.each { |attribute| check_attribute(attribute) }
        check_managed(@declaration.organizations) if @declaration.organizations.managed_field
        mark = @declaration.mark_rule
        typed(mark.field, %w[checkbox], mark.line) if mark
        filter = @declaration.mark_filter
        typed(filter.field, ["date", *TEXTS], filter.line) if filter
        @problems
      end

      # @param attribute [Attribute]
      # @return [String] its type in Zendesk
      def type(attribute)
        return Attribute::OWN.fetch(attribute.name, "text") if attribute.place == :attribute

        @definitions.fetch(attribute.name).fetch("type")
      end

      # @param attribute [Attribute]
      # @return [Array<Array(String, String)>] tag and label of each option of a drop-down
      def options(attribute)
        return [] unless attribute.place == :field && type(attribute) == "dropdown"

        @definitions.fetch(attribute.name)["options"].map { |option| option.values_at("value", "name") }
      end

      private

      def check_attribute(attribute)
        return if attribute.place == :field && !typed(attribute.name, KINDS, attribute.line)

        check_type(attribute, type(attribute))
      end

      def check_type(attribute, type)
        needs(attribute, type, %w[checkbox], "equals: needs a checkbox") if attribute.condition?
        needs(attribute, type, TEXTS, "an account's id needs a text") if id?(attribute)
        return unless type == "dropdown" && attribute.first_of

        attribute.first_of.each_value { |value| option(attribute.name, value, attribute.line) }
      end

      def needs(attribute, type, types, what)
        refuse(attribute.line, "#{attribute.name} is of the type #{type}; #{what}") unless types.include?(type)
      end

      def id?(attribute)
        attribute.as == :salesforce_id15 || attribute.name == @declaration.organizations.key
      end

      def check_managed(organizations)
        return unless typed(organizations.managed_field, %w[dropdown], organizations.line)

        organizations.managed_values.each { |tag| option(organizations.managed_field, tag, organizations.line) }
      end

      # @return [Boolean] whether the field exists and has one of the types
      def typed(key, types, line)
        field = @definitions[key]
        problem =
          if field.nil? then "is not there in #{@instance}; #{absent(key)}"
          elsif !field["active"] then "is switched off in #{@instance}; switch it on"
          elsif !types.include?(field["type"])
            "is of the type #{field["type"]}; here it must be #{types.join(", ")}"
          end
        refuse(line, "the organization field #{key} #{problem}") if problem
        problem.nil?
      end

      def absent(key)
        near = Suggestion.for(key, @definitions.keys)
        near ? "did you mean #{near}?" : "define it, or correct the key"
      end

      def option(key, tag, line)
        tags = @definitions.fetch(key)["options"].map { |option| option["value"] }
        return if tags.any? { |known| known.casecmp?(tag.to_s) }

        problem = "has no option with the tag #{tag.to_s.inspect}; there are #{tags.join(", ")}"
        refuse(line, "the drop-down #{key} #{problem}")
      end

      def refuse(line, problem)
        @problems << [line, problem]
      end
    end
    private_constant :Fields
  end
end
