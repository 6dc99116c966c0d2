# frozen_string_literal: true

module Bench
  module OpenstaxDay
    # Tells the calls of the sync apart.
    class Calls
      class << self
        # @param counts [Hash{Symbol => Integer}] by kind
        # @return [Integer] what counts in Salesforce's eyes: signing in does not
        def sum(counts) = counts.except(:sign_in).values.sum

        # @param request [Hash] as the simulator logs it
        # @return [Symbol] its kind
        def kind(request)
          case request["path"]
          when "/services/oauth2/token" then :sign_in
          when %r{/jobs/} then :job
          when %r{/query(All)?/} then :next_page
          when %r{/query(All)?\z} then query(request["query"])
          else :other
          end
        end

        private

        def query(soql)
          case soql
          when /SystemModstamp >=/ then :changes
          when /MasterRecordId/ then :fates
          when /Id IN/ then :look_up
          when /UserPermissionAccess/ then :permission
          else :query
          end
        end
      end

      def initialize(salesforce)
        @salesforce = salesforce
        @seen = 0
      end

      # @return [Hash{Symbol => Integer}] since the last time
      def taken
        requests = @salesforce.requests.drop(@seen)
        @seen += requests.size
        requests.map { |request| self.class.kind(request) }.tally
      end
    end
  end
end
