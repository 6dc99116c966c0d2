# frozen_string_literal: true

module CrmSync
  module Salesforce
    # The result of a row that a {Client} wrote.
    #
    # @example
    #   results = client.upsert("Contact", rows, by: "App_User_Id__c")
    #   results.map(&:status).tally                        # => { created: 9_700, refused: 300 }
    #   rows.zip(results).reject { |_, result| result.ok? } # with each its result's +error+
    class RowResult
      # The statuses of a row that is stored in Salesforce as it was given.
      WRITTEN = %i[created updated saved].freeze
      private_constant :WRITTEN

      # @return [Symbol] +:created+; +:updated+; +:saved+ if the record exists, and nobody can tell whether it is new,
      #   because an earlier answer was lost; +:refused+ if the row was not written; +:unknown+ if it may have been
      #   written, because the answer was lost: look for the record before you write it again; or +:not_tried+ if the
      #   row was not sent, because the time was up or Salesforce takes nothing any more
      attr_reader :status
      # @return [String, nil] the record's id of 18 characters, if the record exists
      attr_reader :id
      # @return [CrmSync::Error, nil] the error, unless the row is known to be stored
      attr_reader :error

      # @api private
      def initialize(status:, id:, error:)
        @status = status
        @id = id
        @error = error
        freeze
      end

      # @return [Boolean] whether the row is stored in Salesforce as it was given
      # @example
      #   results.select(&:ok?).map(&:id)
      def ok?
        WRITTEN.include?(status)
      end

      # @return [String] such as +"created 0034C00000VaYfKQAV"+ or +"refused: Salesforce: the creation …"+
      # @example
      #   puts results.reject(&:ok?)
      def to_s
        ok? ? "#{status} #{id}" : "#{status}: #{error.message}"
      end
    end
  end
end
