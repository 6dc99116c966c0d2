# frozen_string_literal: true

require_relative "../decide/idle_values"

module CrmSync
  module Contacts
    # Counts in the database, for each budget, the users who could suffer what it limits. For a new plan the core counts
    # them; a plan from a file is not trusted with these numbers.
    class Populations
      # The users whom each budget that every declaration has could concern ({file:src/contacts/budgets.rs}).
      COUNTS = {
        unlink: :linked, relink: :linked, demote: :with_privilege, promote: :linked,
        clear: :with_a_value, effects: :everybody,
        lead: :with_something_to_lose_by_leads, sweep: :with_something_to_lose_by_the_sweep
      }.freeze
      private_constant :COUNTS

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
        @users = schema.link.joined(schema.users)
      end

      # @return [Hash{Symbol => Integer}]
      def to_h
        common = Native.contact_budgets.to_h { |name| [name, send(COUNTS.fetch(name))] }
        common.merge(@declaration.budgets.to_h { |budget| [budget.name, without(budget)] })
      end

      private

      def everybody
        @users.count
      end

      def linked
        @linked ||= @users.where(Arel.sql("#{@schema.link.sql} IS NOT NULL")).count
      end

      def any(relations)
        relations.reduce { |all, one| all.or(one) }&.count || 0
      end

      def with_privilege
        privileged = @declaration.attributes.select { |attribute| attribute.privileged.any? }.map do |attribute|
          values = attribute.privileged.map { |value| @schema.cast(attribute.column, value, attribute.line) }
          @users.where(attribute.column => values)
        end
        any(privileged)
      end

      # Counts users with a value, in a column that may have none.
      def with_a_value
        clearable = @declaration.columns.select { |column| @schema.may_be_blank?(column) }
        any(clearable.map { |column| holding(column) })
      end

      def with_something_to_lose_by_leads
        unlinked(@declaration.lead_rules, @declaration.lead_rules&.rules)
      end

      def with_something_to_lose_by_the_sweep
        unlinked(@declaration.sweep, [@declaration.sweep])
      end

      # Counts unlinked users whose value says something, which leads or the sweep could take.
      def unlinked(part, sets)
        return 0 unless part

        columns = sets.flat_map { |set| set.set.keys }.uniq
        saying = columns.map { |column| saying_something(column) }
        unlinked = Arel.sql("#{@schema.link.sql} IS NULL")
        any(saying.map { |users| users.merge(@schema.scope(part.scope)).where(unlinked) })
      end

      def saying_something(column)
        idle = IdleValues.of(@schema, column).compact
        idle.any? ? holding(column).where.not(column => idle) : holding(column)
      end

      def holding(column)
        users = @users.where.not(column => nil)
        return users unless @schema.text?(column)

        attribute = @schema.model.arel_table[column]
        users.where(Arel::Nodes::NamedFunction.new("TRIM", [attribute]).not_eq(Arel::Nodes.build_quoted("")))
      end

      # Counts users who do not have the value of a budget of the declaration's own.
      def without(budget)
        value = @schema.cast(budget.column, budget.value, budget.line)
        others = @users.where.not(budget.column => value)
        others = others.or(@users.where(budget.column => nil)) unless value.nil?
        others.count
      end
    end
    private_constant :Populations
  end
end
