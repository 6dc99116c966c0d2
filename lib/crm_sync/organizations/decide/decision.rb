# frozen_string_literal: true

module CrmSync
  module Organizations
    # Converts a decision of the core to changes, issues and books.
    class Decision
      # @param result [Hash] the decision of the core
      # @param reasons [Hash{String => String}] additional reasons for the changes of some accounts, by account id
      # @param more [Array<CrmSync::Issue>] other issues that were found
      def initialize(result, reasons, more)
        @result = result
        @reasons = reasons
        @more = more
      end

      # @param drift [Array<CrmSync::Issue>] issues that the source check has found
      # @return [Hash{Symbol => Object}] changes, issues and ledger
      def parts(drift)
        { changes:, issues: issues + drift, ledger: }
      end

      # @return [Array<CrmSync::Issue>]
      def issues
        @issues ||= @result[:issues].map { |issue| Issue.new(**issue) } + @more
      end

      # @return [Integer] the number of organizations for which the last run had an account, as far as one can see
      def expecting_an_account
        @result[:ledger][:organizations][:notes].fetch(:expecting_an_account)
      end

      # @return [Integer] the number of these organizations whose account was read
      def accounts_came
        @result[:accounts_came]
      end

      private

      # Returns the changes in the order of the accounts' ids.
      def changes
        @changes ||= @result[:changes].map do |change|
          more = @reasons[change[:key]]
          change = { **change, reason: "#{change[:reason]}: #{more}" } if more
          Change.new(**change)
        end
      end

      def ledger
        books = @result[:ledger].transform_values { |book| Ledger::Book.new(**book) }
        Ledger.new(books.merge(changes: Ledger::Book.of_changes(changes)))
      end
    end
    private_constant :Decision
  end
end
