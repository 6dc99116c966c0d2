# frozen_string_literal: true

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

      private

      def add(statuses, set)
        @list << Declaration::LeadRule.new(statuses, @dsl.assignments(set, @dsl.here), @dsl.here)
      end
    end
  end
end
