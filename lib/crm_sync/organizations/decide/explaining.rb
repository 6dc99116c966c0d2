# frozen_string_literal: true

require_relative "../read/key_selection"

module CrmSync
  module Organizations
    # Explains an account or an organization, for a planner.
    module Explaining
      # @param asked [String, Integer] the account's id
      # @return [String] the id in the form that the history uses
      # @raise [ArgumentError] when +asked+ is not an id of an account
      def key(asked)
        account = KeySelection.new(asked).account
        account or raise ArgumentError, "#{Presentable.text(asked).inspect} is not an id of an account"
      end

      # @param asked [String, Integer] an account or an organization, by its id or its name
      # @return [String]
      # @raise [ArgumentError] when +asked+ is neither
      def explain(asked)
        asked = KeySelection.new(asked)
        tables = gathering.tables(rules(definitions))
        subjects = asked.subjects(tables, host)
        return "no account and no organization has the name #{asked.to_s.inspect}" if subjects.empty?

        subjects.map { |subject| story(tables, *subject) }.join("\n")
      end

      private

      def story(tables, account, organization)
        story = tables.explain(account, organization, host)
        story = ["was not read: Salesforce has no such account here, and Zendesk no such organization"] if story.empty?
        key = account || history.key_of(organization)
        head = account ? "account #{account}" : "organization #{organization}"
        told = story + waiting(tables, account, organization) + history.story(key)
        [head, *told.map { |line| "  #{line}" }].join("\n")
      end

      # Explains why an organization is not marked yet although its account was not read.
      def waiting(tables, account, organization)
        marks = tables.decide(host)[:changes].select { |change| change[:action] == :mark }
        marks.select! { |change| account ? change[:key] == account : change[:organization_id] == organization }
        unseen = absence.unseen(marks.map { |change| change[:key] })
        unseen.each_key.map { |key| absence.why(key, unseen) }
      end
    end
    private_constant :Explaining
  end
end
