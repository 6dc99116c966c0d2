# frozen_string_literal: true

require_relative "planner"

module CrmSync
  module Contacts
    # Plans for a single user, even while a run is under way. It reads only the data that can affect this user, and
    # decides as a plan for everybody would.
    #
    # Two things need a read of everything and are left to the runs: the source checks, and counting in how many reads a
    # contact has been missing.
    class PersonPlanner < Planner
      # @param sync [Class]
      def initialize(sync)
        super
        @lock = Lock.beside(@schema.model)
      end

      # @param only [ActiveRecord::Base] the user
      # @return [CrmSync::Plan]
      # @raise [ArgumentError] when +only+ is a record of another model, or is not saved
      # @raise [CrmSync::NeedsFullRun] when too many users and contacts affect the user
      def plan(only:)
        asked = [key(only)]
        decide(neighborhood(asked)) do |session, numbers, rules|
          build(session, numbers, session.decide(rules, @host), asked)
        end
      end

      private

      # Returns a history that records this run and closes no run that is under way.
      def history
        @history ||= SyncHistory.of(kept_as, past_values, org: org_host, beside: true)
      end

      def source_check(*) = SourceCheck.new([], {})

      def could_suffer(_decision) = Populations.new(@schema)

      # Returns a writer that remembers nothing, and sends no write-backs of other users.
      def writer(_check, _missing)
        Writer.new(@schema, @org, @host, lock:, history:, only_own: true)
      end
    end
    private_constant :PersonPlanner
  end
end
