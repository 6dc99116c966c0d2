# frozen_string_literal: true

require_relative "../change"

module CrmSync
  module Contacts
    # Represents a change of a contact sync: what happens to one record.
    class Change < CrmSync::Change
      # @api private
      # @return [Array<Array(Symbol, Symbol)>] the costs of the change: each a budget, and the column (or the link) that
      #   counts against it
      attr_reader :costs
      # @return [String, nil] the id of the contact that the record has after the change
      attr_reader :contact_id
      # @api private
      # @return [CrmSync::Contacts::Premises::Basis] the premises of the change
      attr_reader :basis

      # @api private
      def initialize(action:, key:, before:, after:, reason:, contact_id:, basis:, costs: [],
                     budgets: costs.map(&:first).uniq)
        super(action:, key:, before:, after:, reason:, budgets:)
        @contact_id = contact_id
        @basis = basis
        @costs = costs.freeze
        freeze
      end

      # @api private
      # @return [String] the record, in words
      def subject
        "user #{key}"
      end

      # @api private
      # @return [Hash{Symbol => Array}] the primary key of the record, for an issue
      def concerns
        { users: [key] }
      end

      # @api private
      # @param costs (see #costs)
      # @return [CrmSync::Contacts::Change] the same change, with these costs
      def costing(costs)
        Change.new(action:, key:, before:, after:, reason:, contact_id:, basis:, costs:)
      end

      # @api private
      # @param columns [Array<Symbol>] the columns that are left alone
      # @return [CrmSync::Contacts::Change, nil] the rest of the change; nil if no column is left, or if the link is
      #   among the columns that are left alone
      def without(columns)
        left = after.except(*columns)
        return if left.empty? || columns.include?(basis.link_name)

        Change.new(action:, key:, before: before.except(*columns), after: left, reason:, contact_id:, basis:,
                   costs: costs.reject { |_, column| columns.include?(column) })
      end

      # @api private
      # (see CrmSync::Change#stored)
      def stored(values)
        Change.new(action:, key:, before:, after: after.merge(values), reason:, contact_id:, basis:, costs:)
      end

      # Returns data for an audit trail: the primary key, the contact's id, the action and the reason.
      #
      # @return [Hash{Symbol => Object}]
      # @example
      #   SecurityLog.create!(user: user, event_type: :faculty_verified, event_data: change.audit)
      def audit
        { basis.key_name => key, basis.link_name => contact_id, action:, reason: }
      end

      # Returns the contact's id before and after the change, for an audit trail.
      #
      # @return [Hash{Symbol => String, nil}]
      # @example
      #   change.ids # => { previous_contact_id: nil, contact_id: "0034C00000VaYfKQAV" }
      def ids
        { previous_contact_id: basis.link, contact_id: }
      end

      # Returns the change for Rails' JSON serialization; see {CrmSync::Change#as_json}.
      # @return [Hash{String => Object}]
      def as_json(*)
        { **super, "contact_id" => contact_id }
      end
    end
  end
end
