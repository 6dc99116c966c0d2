# frozen_string_literal: true

require_relative "../read/hidden_holders"
require_relative "../read/untrusted_values"

module CrmSync
  module Contacts
    # Describes a user: what is known, what is planned, and what happened before.
    class Explanation
      # The kinds of issues about columns of a user that stay as they are.
      LEFT_ALONE = %i[put_back unreadable_value].freeze
      private_constant :LEFT_ALONE

      # @param schema [CrmSync::Contacts::Schema]
      # @param plan [CrmSync::Plan]
      # @param history [CrmSync::SyncHistory]
      def initialize(schema, plan, history)
        @schema = schema
        @plan = plan
        @history = history
      end

      # @param known [Array<Array(Object, Array<String>)>] primary keys, each with the lines of the core's explanation
      # @param how [String, nil] how the users were found
      # @return [String]
      def of_all(known, how)
        known.map { |key, lines| of(key, lines, how) }.join("\n")
      end

      private

      # @param key [Object]
      # @param lines [Array<String>, nil] the lines of the core's explanation; nil if the user was not read
      # @param how [String, nil] how the user was found
      # @return [String]
      def of(key, lines, how)
        planned = @plan.changes.select { |change| change.key == key }.map { |change| "planned: #{change}" }
        known = lines || [unread(key)]
        known += UntrustedValues.new(@schema).story(key)
        lines = [*how, *known, *HiddenHolders.story(@plan, key), *left_alone(key), *planned, *@history.story(key)]
        ["user #{key}", *lines.map { |line| "  #{line}" }].join("\n")
      end

      # Returns the reasons why columns of the user stay as they are.
      def left_alone(key)
        @plan.issues.select { |issue| LEFT_ALONE.include?(issue.kind) && issue.users.include?(key) }.map(&:to_s)
      end

      def unread(key)
        return "is not there" unless @schema.model.exists?(@schema.model.primary_key => key)

        @schema.users.exists?(@schema.model.primary_key => key) ? unconcerned : outside
      end

      # Names the words of the declaration whose scopes the user is not in. Each of them has a scope: without one, it
      # concerns every user.
      def unconcerned
        declaration = @schema.declaration
        rules = { "lead_status" => declaration.lead_rules, "unmatched" => declaration.sweep }.compact
        words = ["link_when #{declaration.link_scope.inspect}",
                 *rules.map { |word, rule| "#{word} scope: #{rule.scope.inspect}" }]
        "was not read, because nothing can happen to it: it is not linked, and is not in the " \
          "#{"scope".pluralize(words.size)} of #{words.to_sentence}"
      end

      def outside
        scopes = @schema.declaration.scopes.join(", ")
        "is outside of the declared scope (#{scopes}): this sync neither reads nor writes it, and its contact is " \
          "free for others"
      end
    end
    private_constant :Explanation
  end
end
