# frozen_string_literal: true

require_relative "membership"

module CrmSync
  module Contacts
    # Looks at the scopes that a declaration names, and at the default scopes of its models: each must be a condition on
    # rows. A scope is asked about every row in one statement, and about single rows under their locks; a LIMIT, which
    # is one of the whole table, means something else in each of these.
    # @api private
    class ScopeCheck
      include Enumerable

      # Parts of a relation that make it something else than a condition on rows.
      REFUSED = { limit: "a limit", offset: "an offset", group: "a group", having: "a having", from: "a from",
                  lock: "a lock" }.freeze
      private_constant :REFUSED

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @declaration = schema.declaration
      end

      # @yieldparam line [String] of the declaration
      # @yieldparam problem [String] what is wrong and what to do
      def each(&)
        default_scope(@schema.model, "model", &)
        default_scope(@schema.address_model, "match_by", &)
        association(&)
        named.each { |scope| named_scope(scope, &) }
      end

      private

      # @return [Array<Array(Class, Symbol, String)>] each model, with the name of a scope and its line
      def named
        of_users = [@declaration.lead_rules, @declaration.sweep].compact.map { |part| [part.scope, part.line] }
        users = [[@declaration.link_scope, "link_when"], *of_users].select(&:first)
        tiers = @declaration.tiers.map { |tier| [@schema.address_model, tier.scope, tier.line] }
        users.map { |scope| [@schema.model, *scope] } + tiers
      end

      def default_scope(model, line)
        part = refused(model.all)
        yield line, "the default scope of #{model.name} has #{part}, #{only_conditions}" if part
      end

      def association
        scope = @schema.association.scope or return
        name = "#{@schema.model.name}.#{@schema.association.name}"
        if scope.arity.positive?
          return yield "match_by", "the scope of the association #{name} needs a record, #{only_conditions}"
        end

        part = refused(@schema.addresses)
        yield "match_by", "the scope of the association #{name} has #{part}, #{only_conditions}" if part
      end

      def named_scope((model, name, line))
        return yield line, "#{model.name} has no scope #{name.inspect}; add it or correct the name" unless
          model.respond_to?(name)

        problem = problem(model, name)
        yield line, "the scope #{model.name}.#{name} #{problem}" if problem
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

      # The rows of a relation could be many, and show somebody's data.
      def kind(result)
        result.nil? ? "nil" : "no relation of this model but an object of #{result.class.name.split("::").last}"
      end

      def of?(model, relation)
        relation.is_a?(ActiveRecord::Relation) && relation.klass.base_class == model.base_class
      end

      # Rails makes of a scope whose block gives nil one that has all rows.
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
  end
end
