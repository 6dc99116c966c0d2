# frozen_string_literal: true

require_relative "../clock_check"

module CrmSync
  module Organizations
    # What an organization sync remembers of its last runs. It belongs to one org and one instance: others, or
    # simulators, are another story.
    # @api private
    class Memory
      def initialize(declaration)
        hosts = [Salesforce.settings(declaration.org).host, Zendesk.settings(declaration.instance.name).host]
        @sides = hosts.join(" and ")
        @key = "sources of #{@sides}"
        @state = State.of(declaration)
      end

      # @return [Hash{String => Hash}] what the sources looked like
      def sources
        @state.read(@key)
      end

      # @param check [CrmSync::SourceCheck] of the sources as they are now
      def keep(check)
        @state.write(@key, check.to_h)
        clock.keep
      end

      # @param check [CrmSync::SourceCheck] of the sources as they are now
      # @return [Array<CrmSync::Issue>] what looks other than last time, and blocks nothing
      def drift(check)
        check.drift + clock.issues
      end

      # @return [CrmSync::SpendingBook] what was spent of the budgets
      def spending
        SpendingBook.new(@state, @sides)
      end

      private

      def clock
        @clock ||= ClockCheck.new(@state)
      end
    end
  end
end
