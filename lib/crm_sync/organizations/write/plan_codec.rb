# frozen_string_literal: true

require_relative "../../sync/plan_codec"

module CrmSync
  module Organizations
    # Converts changes of an organization sync to the form in which files keep them, and back.
    class PlanCodec < Internal::PlanCodec
      ACTIONS = %w[create update mark unmark].freeze
      SIDE = KeptForm::Present.new({ "organization_fields" => Hash })
      # The form of the parts of a stored change that not all syncs have.
      FORM = { "id" => KeptForm::Maybe.new(Integer), "name" => KeptForm::Maybe.new(KeptForm::TEXT), "before" => SIDE,
               "after" => SIDE }.freeze
      private_constant :ACTIONS, :SIDE, :FORM

      # @param declaration [CrmSync::Organizations::Declaration]
      def initialize(declaration)
        super()
        @declaration = declaration
        @fields = declaration.written.select { |attribute| attribute.place == :field }.map(&:name)
        @fields += [declaration.mark_rule.field] if declaration.mark_rule
      end

      # @return [Hash{String => String}] the org and the instance that the plan belongs to
      def origin
        { "Salesforce org" => Salesforce.settings(@declaration.org).host,
          "Zendesk instance" => Zendesk.settings(@declaration.instance.name).host }
      end

      # @param values [Hash{Symbol => Object}]
      # @return [Hash{String => Object}] the values in the shape of an organization, as it is sent to Zendesk
      def organization(values)
        fields, own = values.transform_keys(&:to_s).partition { |name, _| @fields.include?(name) }.map(&:to_h)
        fields.any? ? { **own, "organization_fields" => fields } : own
      end

      private

      def actions
        ACTIONS
      end

      def form
        FORM
      end

      def facts(change)
        { "id" => change.organization_id, "name" => change.name }.compact
      end

      # Returns the values in the shape that they also have in the lists of the stages.
      def plain(values)
        organization(values)
      end

      # Returns the values in the order of the declaration, in which they were planned, because files have another
      # order.
      def values(side, stale)
        values = { **side.except("organization_fields"), **side.fetch("organization_fields", {}) }
        values = values.transform_keys(&:to_sym)
        undeclared = (values.keys - @declaration.targets).first
        stale.call("it writes #{undeclared}, which the declaration does not") if undeclared
        values.slice(*@declaration.targets)
      end

      def check(row, _before, after, stale)
        marks(row["action"], after, stale)
        kind(row["action"], after, stale)
        identity(row, stale)
      end

      # Requires the id of an organization, except for a creation, which has none yet.
      def identity(row, stale)
        id = row["action"] == "create" ? row["id"].nil? : row["id"].is_a?(Integer)
        stale.call("it has a change (#{row["action"]}) without a proper id") unless id && proper_key?(row["key"])
      end

      # Checks that a key is an account's id in the long spelling, which the core uses.
      def proper_key?(key)
        !key.nil? && RecordId.long(key) == key
      end

      # Requires that a mark writes nothing else, and that no other change marks.
      def marks(action, after, stale)
        mark = @declaration.mark_rule&.field&.to_sym
        right = action == "mark" ? after == { mark => true } : after[mark] != true
        stale.call("it has a change that marks and is not a mark, or the other way round") unless right
      end

      # Requires that the organization is a managed one afterwards, as far as the change decides it.
      def kind(action, after, stale)
        organizations = @declaration.organizations
        kind = organizations.managed_field&.to_sym
        return if kind.nil? || (action != "create" && !after.key?(kind)) || organizations.managed_value?(after[kind])

        stale.call("it has a change (#{action}) after which its organization would not be a managed one")
      end

      def change(row, _stale, **common)
        Change.new(**common, organization_id: row["id"], name: row["name"])
      end

      def reckoned(changes)
        changes.map(&:reckoned)
      end
    end
    private_constant :PlanCodec
  end
end
