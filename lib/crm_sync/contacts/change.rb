# frozen_string_literal: true

require_relative "../change"

module CrmSync
  module Contacts
    # One change of a contact sync: what happens to one record.
    class Change < CrmSync::Change
      # @return [String, nil] the id of the contact that the record has afterwards
      attr_reader :contact_id
      # @api private
      # @return [CrmSync::Contacts::Premises::Basis] what it stands on
      attr_reader :basis

      # @api private
      def initialize(contact_id:, basis:, **change)
        super(**change)
        @contact_id = contact_id
        @basis = basis
        freeze
      end

      # What an audit trail wants to know.
      #
      # @return [Hash{Symbol => Object}]
      # @example
      #   SecurityLog.create!(user: user, event_type: :faculty_verified, event_data: change.audit)
      def audit
        { basis.key_name => key, basis.link_name => contact_id, action:, reason: }
      end
    end
  end
end
