# frozen_string_literal: true

require_relative "../../notices/suggestion"
require_relative "../read/membership"

module CrmSync
  module Contacts
    # Checks the scopes that a declaration names, and the default scopes of its models: each must be a condition on
    # rows. A scope is applied both to all rows in one statement and to single rows under their locks. A LIMIT, which
    # concerns the whole table, would mean something else in each case.
    class ScopeCheck
      # The parts of a relation that are more than a condition on rows.
      REFUSED = { limit: "a limit", offset: "an offset", group: "a group", having: "a having", from: "a from",
                  lock: "a lock" }.freeze
      private_constant :REFUSED

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
      end

      # @return [Array<Array(String, String)>] for each problem with a scope of the users, the line of the declaration
      #   and the problem
      def of_users
        parts = [@declaration.lead_rules, @declaration.sweep].compact.map { |part| [part.scope, part.line] }
        parts += @declaration.scopes.map { |name| [name, line(:scopes)] }
        scopes = [[@declaration.link_scope, line(:link_scope)], *parts].select(&:first)
        [default_scope(@schema.model, line(:model_name)),
         *scopes.map { |name, line| named_scope(@schema.model, name, line) }].compact
      end

      # @param key [ResolvedKey]
      # @return [Array<Array(String, String)>] for each problem with a scope of the key's rows, the line of the
      #   declaration and the problem
      # @raise [CrmSync::MappingError] when the key's association does not exist, or its rows cannot be read
      def of_key(key)
        tiers = key.tiers.map { |tier| named_scope(key.model, tier.scope, tier.line) }
        tiers.unshift(default_scope(key.model, key.line), association(key)) unless key.own?
        tiers.compact
      end

      private

      def line(part)
        @declaration.line_of(part)
      end

      def default_scope(model, line)
        part = refused(model.all)
        [line, "the default scope of #{model.name} has #{part}, #{only_conditions}"] if part
      end

      def association(key)
        scope = key.association.scope or return
        part = scope.arity.positive? ? "an argument" : part_of_association(key)
        name = "#{@schema.model.name}.#{key.name}"
        [key.line, "the scope of the association #{name} has #{part}, #{only_conditions}"] if part
      end

      # Refuses the order of a +has_one+ as well, because it selects one of several rows.
      def part_of_association(key)
        relation = key.model.all.instance_exec(&key.association.scope) or return
        refused(relation) || ("an order" if key.association.one? && relation.order_values.any?)
      end

      def named_scope(model, name, line)
        problem =
          if model.respond_to?(name)
            found = problem(model, name)
            found && "the scope #{model.name}.#{name} #{found}"
          else
            "#{model.name} has no scope #{name.inspect}; #{Suggestion.mend(name, own_methods(model))}"
          end
        [line, problem] if problem
      end

      # Returns the singleton methods of the class itself, among which are the scopes that Rails defines.
      def own_methods(model)
        model.singleton_class.instance_methods(false)
      end

      def problem(model, name)
        relation = model.public_send(name)
        return "gives #{kind(relation)}, #{only_conditions}" unless of?(model, relation)

        part = refused(relation)
        return "has #{part}, #{only_conditions}" if part

        "has no condition, and so lets every row pass; if that is meant, name the scope :all" if empty?(model, name)
      rescue ArgumentError => e
        "cannot be called without arguments (#{Presentable.text(e.message)}); name one that needs none"
      end

      # Describes the class of a result rather than the result: a relation could have many rows, and show personal data.
      def kind(result)
        result.nil? ? "nil" : "no relation of this model but an object of #{result.class.name.split("::").last}"
      end

      def of?(model, relation)
        relation.is_a?(ActiveRecord::Relation) && relation.klass.base_class == model.base_class
      end

      # Returns whether the scope has no condition, as when its block returns nil: Rails then returns all rows.
      def empty?(model, name)
        name.to_s != "all" && Membership.sql(model.public_send(name)) == Membership.sql(model.all)
      end

      def refused(relation)
        REFUSED[relation.values.find { |part, value| REFUSED.key?(part) && value.present? }&.first]
      end

      def only_conditions
        "and crm_sync takes only conditions on rows (where, joins); make it one, or use another scope"
      end
    end
    private_constant :ScopeCheck
  end
end
