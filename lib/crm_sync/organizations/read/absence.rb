# frozen_string_literal: true

require_relative "../../sync/missing_reads"

module CrmSync
  module Organizations
    # Examines the accounts that were not read and whose organizations would be marked. An account that Salesforce shows
    # as deleted is gone, and one that exists is excluded by the declaration. An account without a trace was deleted
    # long ago, if the integration user sees all accounts. Otherwise the account may be invisible: it counts as gone
    # after several full reads in a row.
    class Absence
      # @param declaration [CrmSync::Organizations::Declaration]
      def initialize(declaration)
        @declaration = declaration
        hosts = [Salesforce.settings(declaration.org).host, Zendesk.settings(declaration.instance.name).host]
        key = "accounts without a trace of #{hosts.join(" and ")}"
        @missing = MissingReads.new(State.of(declaration), key)
        @sight = Internal::Sight.new(declaration.org)
        @reads = {}
      end

      # Looks up accounts, and counts this read as one of several.
      #
      # @param keys [Array<String>] the accounts' ids
      # @return [Hash{String => Integer}] the accounts that may only be invisible, each with the number of reads in a
      #   row in which that was so
      def unseen(keys)
        @reads = counted(keys)
        @reads.select { |_, reads| reads < after }
      end

      # Holds back the marks of accounts that may only be invisible.
      #
      # @param result [Hash] the decision of the core
      # @return [Array(Hash, Array<CrmSync::Issue>, Hash{String => String})] the decision without these marks, the
      #   issues, and what happened to the accounts of the other marks (see {LookUp#stories})
      def hold(result)
        marks, others = result[:changes].partition { |change| change[:action] == :mark }
        unseen = unseen(marks.map { |change| change[:key] })
        held, marks = marks.partition { |change| unseen.key?(change[:key]) }
        rebook(result, held.size) if held.any?
        [{ **result, changes: (marks + others).sort_by { |change| change[:key] } },
         held.map { |change| issue(change, unseen) }, LookUp.new(@declaration, @sight).stories(marks)]
      end

      # @param key [String]
      # @param unseen [Hash{String => Integer}] the result of {#unseen}
      # @return [String] the reason that the organization of an account is not marked
      def why(key, unseen)
        "account #{key} did not come, and is not among those that were deleted. It may only be invisible: " \
          "#{@sight.doubt}; its organization is marked when that was so in #{after} full reads in a row, and by now " \
          "it was in #{Presentable.counted(unseen.fetch(key), "read")}"
      end

      # Remembers the reads. Call it when their consequences have been written.
      def keep
        @missing.keep(@reads)
      end

      private

      def rebook(result, held)
        buckets = result[:ledger][:organizations][:buckets]
        buckets[:mark] -= held
        buckets.delete(:mark) if buckets[:mark].zero?
        buckets[:not_visible] = held
      end

      def issue(change, unseen)
        Issue.new(kind: :not_visible, accounts: [change[:key]], organizations: [change[:organization_id]],
                  message: why(change[:key], unseen))
      end

      def after
        @declaration.mark_rule.after
      end

      # Counts the accounts that neither exist nor are deleted.
      def counted(keys)
        return {} if keys.empty? || after == 1

        lost = keys - known(keys)
        lost.empty? || @sight.sees_all ? {} : @missing.with(lost)
      end

      # Returns those of the accounts that exist, are in the recycle bin, or were in it up to 15 days ago.
      def known(keys)
        soql = "SELECT Id, IsDeleted FROM #{@declaration.accounts.object} WHERE Id IN :keys"
        Salesforce.client(@declaration.org).query(soql, with_deleted: true, keys:).map { |row| row["Id"] }
      end
    end
    private_constant :Absence
  end
end
