# frozen_string_literal: true

require_relative "../words"

module CrmSync
  module Contacts
    # The block of {Dsl#lead_status}.
    class LeadRules
      # The rules, in order.
      # @api private
      attr_reader :list

      # @api private
      def initialize(dsl)
        @dsl = dsl
        @list = []
      end

      # The rule for users all of whose leads have one of these statuses.
      # @param statuses [Array<String>]
      # @param set [Hash{Symbol => Object}] columns and values
      # @return [void]
      # @example
      #   all "Converted", set: { faculty_status: :rejected_faculty }
      def all(*statuses, set:)
        add(statuses.flatten, set)
      end

      # The rule for all other users who have leads; it comes last.
      # @param set [Hash{Symbol => Object}] columns and values
      # @return [void]
      # @example
      #   otherwise set: { faculty_status: :pending_faculty }
      def otherwise(set:)
        add(nil, set)
      end

      Words.guard_block(self)

      private

      def declaration
        @dsl.declaration
      end

      def here
        @dsl.here
      end

      def add(statuses, set)
        wrong = statuses&.find { |status| !status.is_a?(String) }
        declaration.refuse(here, "all: a status is text, and not #{Given.kind(wrong)}") if wrong
        declaration.refuse(here, "all names no status") if statuses&.empty?
        @list << Declaration::LeadRule.new(statuses, @dsl.assignments(set, here), here)
      end
    end
  end
end
