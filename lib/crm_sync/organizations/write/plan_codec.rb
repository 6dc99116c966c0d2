# frozen_string_literal: true

module CrmSync
  module Organizations
    # Converts changes of an organization sync to the form in which files keep them, and back. A change from a file is
    # checked against the declaration of today: it can write nothing that the declaration could not.
    class PlanCodec
      ACTIONS = %w[create update mark unmark].freeze
      ACCOUNT_ID = /\A[A-Za-z\d]{18}\z/
      private_constant :ACTIONS, :ACCOUNT_ID

      # @param declaration [CrmSync::Organizations::Declaration]
      def initialize(declaration)
        @declaration = declaration
        @fields = declaration.written.select { |attribute| attribute.place == :field }.map(&:name)
        @fields += [declaration.mark_rule.field] if declaration.mark_rule
      end

      # @return [Hash{String => String}] the org and the instance that the plan belongs to
      def origin
        { "Salesforce org" => Salesforce.settings(@declaration.org).host,
          "Zendesk instance" => Zendesk.settings(@declaration.instance.name).host }
      end

      # @param change [CrmSync::Organizations::Change]
      # @return [Hash{String => Object}] in the shape of the lists of the stages
      def dump(change)
        {
          "action" => change.action, "key" => change.key, "id" => change.organization_id, "name" => change.name,
          "before" => organization(change.before), "after" => organization(change.after), "reason" => change.reason,
          "budgets" => change.budgets
        }.compact
      end

      # @param rows [Array<Hash{String => Object}>] as JSON reads them
      # @param header [CrmSync::PlanHeader]
      # @return [Array<CrmSync::Organizations::Change>] the changes, with costs that follow from what they do; the costs
      #   in the file are ignored
      def changes(rows, header)
        loaded = rows.map { |row| load(row, header.stale) }
        header.check_changes(loaded)
        loaded.map(&:reckoned)
      end

      # @param row [Hash{String => Object}] as JSON reads it
      # @param stale [Proc] raises, with the problem
      # @return [CrmSync::Organizations::Change]
      def load(row, stale)
        before, after = row.values_at("before", "after").map { |side| flat(side, stale) }
        check(row, after, stale)
        Change.new(action: row["action"].to_sym, key: row["key"], organization_id: row["id"], name: row["name"],
                   before:, after:, reason: row["reason"], budgets: row["budgets"].map(&:to_sym))
      end

      # @param values [Hash{Symbol => Object}]
      # @return [Hash{String => Object}] in the shape of an organization, as it is sent to Zendesk
      def organization(values)
        fields, own = values.transform_keys(&:to_s).partition { |name, _| @fields.include?(name) }.map(&:to_h)
        fields.any? ? { **own, "organization_fields" => fields } : own
      end

      private

      # Returns the values in the order of the declaration, as they were planned: files have another order.
      def flat(side, stale)
        values = flat_values(side)
        undeclared = (values.keys - @declaration.targets).first
        stale.call("it writes #{undeclared}, which the declaration does not") if undeclared
        values.slice(*@declaration.targets)
      end

      def flat_values(side)
        { **side.except("organization_fields"), **side.fetch("organization_fields", {}) }.transform_keys(&:to_sym)
      end

      def check(row, after, stale)
        stale.call("it has a change of an unknown kind") unless ACTIONS.include?(row["action"])
        marks(row["action"], after, stale)
        identity(row, stale)
        told = row["action"] == "create" || flat_values(row["before"]).keys.sort == after.keys.sort
        stale.call("it does not say what #{row["key"]} was before") unless told
      end

      # Requires the id of an organization, except for a creation, which has none yet.
      def identity(row, stale)
        id = row["action"] == "create" ? row["id"].nil? : row["id"].is_a?(Integer)
        stale.call("it has a #{row["action"]} without a proper id") unless id && row["key"].to_s.match?(ACCOUNT_ID)
      end

      # Requires that a mark writes nothing else, and that nothing else marks.
      def marks(action, after, stale)
        mark = @declaration.mark_rule&.field&.to_sym
        right = action == "mark" ? after == { mark => true } : after[mark] != true
        stale.call("it has a change that marks and is no mark, or the other way round") unless right
      end
    end
    private_constant :PlanCodec
  end
end
