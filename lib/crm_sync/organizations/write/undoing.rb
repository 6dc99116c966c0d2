# frozen_string_literal: true

require_relative "past_values"

module CrmSync
  module Organizations
    # Provides what is special about undoing a run of an organization sync.
    class Undoing
      # @return [CrmSync::SyncHistory] of the undo
      attr_reader :history
      # @return [CrmSync::Organizations::Writer]
      attr_reader :writer

      # @param declaration [CrmSync::Organizations::Declaration]
      # @param history [CrmSync::SyncHistory]
      # @param writer [CrmSync::Organizations::Writer]
      def initialize(declaration, history, writer)
        @declaration = declaration
        @history = history
        @writer = writer
      end

      # @return [Array<Symbol>] the names that may be written
      def columns
        @declaration.targets
      end

      # @return [CrmSync::Organizations::Change]
      def change(past, **parts)
        Change.new(organization_id: past.organization_id, name: past.name.to_s, **parts)
      end

      # @return [String] a description of what an undo does not restore
      def stays
        "organizations that were created, and what triggers, automations and people in Zendesk made of the changes"
      end
    end
    private_constant :Undoing
  end
end
