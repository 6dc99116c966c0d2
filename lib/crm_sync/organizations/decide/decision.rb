# frozen_string_literal: true

module CrmSync
  module Organizations
    # A decision of the core, as changes, issues and books.
    class Decision
      # @param result [Hash] what the core decided
      # @param reasons [Hash{String => String}] more about some accounts, by id
      # @param more [Array<CrmSync::Issue>] what was found beside
      def initialize(result, reasons, more)
        @result = result
        @reasons = reasons
        @more = more
      end

      # @param drift [Array<CrmSync::Issue>] what the source check has found beside
      # @return [Hash{Symbol => Object}] changes, issues and ledger
      def parts(drift)
        { changes:, issues: issues + drift, ledger: }
      end

      # @return [Array<CrmSync::Issue>]
      def issues
        @issues ||= @result[:issues].map { |issue| Issue.new(**issue) } + @more
      end

      # @return [Integer] the organizations for which the last run had an account, as far as one can see
      def expecting_an_account
        @result[:ledger][:organizations][:notes].fetch(:expecting_an_account)
      end

      # @return [Integer] those of them whose account came
      def accounts_came
        @result[:accounts_came]
      end

      private

      # In the order of the accounts' ids.
      def changes
        @changes ||= @result[:changes].map do |change|
          more = @reasons[change[:key]]
          Change.new(**change, reason: more ? "#{change[:reason]}: #{more}" : change[:reason])
        end
      end

      def ledger
        accounts = @result[:ledger].transform_values { |book| Ledger::Account.new(**book) }
        planned = Ledger::Account.new(rows: changes.size, buckets: changes.map(&:action).tally, notes: {})
        Ledger.new(accounts.merge(changes: planned))
      end
    end
    private_constant :Decision
  end
end
