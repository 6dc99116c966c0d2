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

        known = organizations.managed_values.map { |tag| option(organizations.managed_field, tag, organizations.line) }
        kind = @declaration.attributes.find { |attribute| attribute.name == organizations.managed_field }
        return unset(organizations) unless kind

        check_cases(kind, organizations) if known.all?
      end

      # Refuses a drop-down that nothing sets: the sync would create organizations and then not know them as its own.
      def unset(organizations)
        field, values = organizations.to_h.values_at(:managed_field, :managed_values)
        example = "field :#{field}, first_of: { { \"Type\" => \"Partner\" } => #{values.first.inspect} }"
        refuse(organizations.line, "managed: names #{field}, which new organizations would not get; add: #{example}")
      end

      # Refuses cases whose value would take an organization out of the managed ones, and so away from the sync.
      def check_cases(kind, organizations)
        others = kind.first_of.to_h.values.reject { |value| organizations.managed_value?(value) }
        others.select { |value| option?(kind.name, value) }.each do |value|
          refuse(kind.line, "first_of: gives #{kind.name} the value #{value.to_s.inspect}, with which the sync would " \
                            "lose the organization; add it to managed:, or leave out the case")
        end
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

      # @return [Boolean] whether the drop-down has the option
      def option(key, tag, line)
        known = option?(key, tag)
        problem = "has no option with the tag #{tag.to_s.inspect}; there are #{tags(key).join(", ")}"
        refuse(line, "the drop-down #{key} #{problem}") unless known
        known
      end

      def option?(key, tag) = tags(key).any? { |known| known.casecmp?(tag.to_s) }

      def tags(key) = @definitions.fetch(key)["options"].map { |option| option["value"] }

      def refuse(line, problem)
        @problems << [line, problem]
      end
    end
    private_constant :Fields
  end
end
