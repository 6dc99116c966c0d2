# frozen_string_literal: true

require_relative "../change"
require_relative "decide/costs"

module CrmSync
  module Organizations
    # A change of an organization sync: the values that the organization of one account gets. +before+ and +after+ name
    # attributes and custom fields alike by their own names.
    class Change < CrmSync::Change
      # @return [Integer, nil] the organization's id; nil for one that is to be created
      attr_reader :organization_id
      # @return [String] the name by which people know the organization, before the change
      attr_reader :name

      # @api private
      def initialize(organization_id:, name:, **change)
        super(**change)
        @organization_id = organization_id
        @name = name
        freeze
      end

      # @api private
      # @return [Array] the contents of the change, for a digest
      def to_a
        [*super, organization_id, name]
      end

      # @return [Hash{Symbol => Object}] the contents of the change, such as for JSON
      def to_h
        { **super, organization_id:, name: }
      end

      # @api private
      # @return [String] the organization, in words for a person
      def subject
        "account #{key}"
      end

      # @api private
      # @return [Hash{Symbol => Array}] the ids of the account and the organization, for an issue
      def concerns
        { accounts: [key], organizations: [organization_id].compact }
      end

      # Returns the change as Zendesk has stored it, if that differs from the change that was sent.
      #
      # @api private
      # @param rewritten [Hash{Symbol => Object}] the values that Zendesk has rewritten
      # @param lost [Array<Symbol>] the names of the values that Zendesk did not store
      # @return [Change, nil] nil if nothing is left
      def as_stored(rewritten, lost)
        return self if rewritten.empty? && lost.empty?

        left = after.merge(rewritten).except(*lost)
        return if left.empty?

        action = lost.include?(after.keys.last) && self.action == :unmark ? :update : self.action
        with(action, before.slice(*left.keys), left)
      end

      # Returns the rest of the change, without names that are to be left alone.
      #
      # @api private
      # @param names [Array<Symbol>] the attributes and fields to leave alone
      # @param needed [Array<Symbol>] the names without which the change must not be made
      # @return [CrmSync::Organizations::Change, nil] nil if nothing useful is left
      def without(names, needed)
        left = after.except(*names)
        return if left.empty? || names.intersect?(needed)

        # The mark comes last. Without it, what is left of an unmark is an update.
        action = names.include?(after.keys.last) && self.action == :unmark ? :update : self.action
        with(action, before.slice(*left.keys), left)
      end

      # @api private
      # @return [CrmSync::Organizations::Change] the same change, with its budgets determined anew
      def reckoned
        with(action, before, after)
      end

      # @return [String] one line
      def to_s
        "#{super} #{Presentable.text(name)}"
      end

      # Returns the Hash that Rails converts to JSON; see {CrmSync::Change#as_json}.
      # @return [Hash{String => Object}]
      def as_json(*)
        { **super, "organization_id" => organization_id, "name" => Presentable.text(name) }
      end

      private

      def with(action, before, after)
        self.class.new(action:, key:, before:, after:, reason:, budgets: Costs.of(action, before, after),
                       organization_id:, name:)
      end
    end
  end
end
