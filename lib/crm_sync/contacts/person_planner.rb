# frozen_string_literal: true

require_relative "planner"

module CrmSync
  module Contacts
    # Plans for one user at once, beside a run that may be under way: it reads only what can bear on that user, and
    # decides as a plan for everybody would.
    #
    # What only a read of everything can tell is left to the runs: the source checks, and how often a contact has been
    # missing.
    class PersonPlanner < Planner
      # @param sync [Class]
      def initialize(sync)
        super
        @running = @lock
        @lock = Lock.beside(@schema.model)
      end

      # @param only [ActiveRecord::Base] the user
      # @return [CrmSync::Plan]
      # @raise [ArgumentError] when it is a record of another model, or a new one
      # @raise [CrmSync::NeedsFullRun] when too much bears on the user
      def plan(only:)
        asked = [key(only)]
        decide(neighborhood(asked)) do |session, numbers, rules|
          build(session, numbers, session.decide(rules, @host), asked)
        end
      end

      private

      # The history of a run beside others, which closes none of them.
      def history
        @history ||= SyncHistory.of(kept_as, past_values, org: org_host, beside: true)
      end

      def source_check(*) = SourceCheck.new([], {})

      def could_suffer(_decision) = Populations.new(@schema)

      # Remembers nothing. Write-backs wait for the run where one is under way: it sends them, too.
      def writer(_check, _missing)
        Writer.new(@schema, @org, @host, lock:, history:, sending: @running)
      end
    end
    private_constant :PersonPlanner
  end
end
