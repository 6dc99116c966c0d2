# frozen_string_literal: true

require "active_support/core_ext/module/delegation"
require_relative "../../sync/words"

module CrmSync
  module Contacts
    # The words in the block of {Dsl#lead_status}.
    class LeadRules
      # @api private
      # @return [Array<Declaration::LeadRule>] the rules, in order
      attr_reader :list

      # @api private
      def initialize(dsl)
        @dsl = dsl
        @list = []
      end

      # Declares a rule for users all of whose leads have one of the given statuses.
      # @param statuses [Array<String>]
      # @param set [Hash{Symbol => Object}] the values by column
      # @return [void]
      # @example
      #   all "Converted", set: { faculty_status: :rejected_faculty }
      def all(*statuses, set:)
        add(statuses.flatten, set)
      end

      # Declares the rule for all other users who have leads; it comes last. Without statuses, it accepts any status,
      # and a status that was never seen before is reported. With statuses, a user with a lead whose status is in no
      # rule is left alone, with an issue.
      # @param statuses [Array<String>]
      # @param set [Hash{Symbol => Object}] the values by column
      # @return [void]
      # @example
      #   otherwise set: { faculty_status: :pending_faculty }
      # @example
      #   otherwise %w[New Working], set: { faculty_status: :pending_faculty }
      def otherwise(*statuses, set:)
        add(nil, set, others: statuses.flatten.presence)
      end

      Words.guard_block(self)

      delegate :declaration, :here, to: :@dsl, private: true

      private

      def add(statuses, set, others: nil)
        wrong = [*statuses, *others].find { |status| !status.is_a?(String) }
        word = statuses ? "all" : "otherwise"
        declaration.refuse(here, "#{word}: a status is text, and not #{Given.kind(wrong)}") if wrong
        declaration.refuse(here, "all names no status") if statuses == []
        declaration.refuse(here, "#{word}: no rule after otherwise is reached; put otherwise last") if ended?
        @list << Declaration::LeadRule.new(statuses, @dsl.assignments(set, here), here, others)
      end

      def ended?
        @list.any? { |rule| rule.all.nil? }
      end
    end
  end
end
