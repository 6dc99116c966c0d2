# frozen_string_literal: true

require_relative "../change"

module CrmSync
  module Contacts
    # A change of a contact sync: what happens to one record.
    class Change < CrmSync::Change
      # @return [String, nil] the id of the contact that the record has afterwards
      attr_reader :contact_id
      # @api private
      # @return [CrmSync::Contacts::Premises::Basis] the premises of the change
      attr_reader :basis

      # @api private
      def initialize(contact_id:, basis:, **change)
        super(**change)
        @contact_id = contact_id
        @basis = basis
        freeze
      end

      # @api private
      # @return [String] the record, in words for a person
      def subject
        "user #{key}"
      end

      # @api private
      # @return [Hash{Symbol => Array}] the key of the record, for an issue
      def concerns
        { users: [key] }
      end

      # @api private
      # @param columns [Array<Symbol>]
      # @param budgets [Array<Symbol>] the budgets that these columns count against
      # @return [CrmSync::Contacts::Change] the same change, with these columns only
      def only(columns, budgets:)
        self.class.new(action:, key:, before: before.slice(*columns), after: after.slice(*columns), reason:, budgets:,
                       contact_id:, basis:)
      end

      # @api private
      # (see CrmSync::Change#stored)
      def stored(values)
        self.class.new(action:, key:, before:, after: after.merge(values), reason:, budgets:, contact_id:, basis:)
      end

      # Returns the facts that an audit trail records.
      #
      # @return [Hash{Symbol => Object}]
      # @example
      #   SecurityLog.create!(user: user, event_type: :faculty_verified, event_data: change.audit)
      def audit
        { basis.key_name => key, basis.link_name => contact_id, action:, reason: }
      end

      # Returns the change for JSON, as Rails makes it; see {CrmSync::Change#as_json}.
      # @return [Hash{String => Object}]
      def as_json(*)
        { **super, "contact_id" => contact_id }
      end
    end
  end
end
