# frozen_string_literal: true

module CrmSync
  module Salesforce
    # What became of a row that a {Client} wrote.
    #
    # @example
    #   results = client.upsert("Contact", rows, by: "App_User_Id__c")
    #   results.map(&:status).tally                        # => { created: 9_700, refused: 300 }
    #   rows.zip(results).reject { |_, result| result.ok? } # with each its result's +error+
    class RowResult
      # The states of a row that stands in Salesforce as it was given.
      WRITTEN = %i[created updated saved].freeze
      private_constant :WRITTEN

      # @return [Symbol] +:created+; +:updated+; +:saved+ where it stands there, and nobody can tell whether it is new,
      #   because an earlier answer was lost; +:refused+ where it was not written; +:unknown+ where it may have been
      #   written, because the answer was lost: look for it before you write it again; or +:not_tried+ where it was not
      #   sent, because the time was up or Salesforce takes nothing any more
      attr_reader :status
      # @return [String, nil] the record's id of 18 characters, where it stands there
      attr_reader :id
      # @return [CrmSync::Error, nil] what went wrong, where it is not known to stand there
      attr_reader :error

      # @api private
      def initialize(status:, id:, error:)
        @status = status
        @id = id
        @error = error
        freeze
      end

      # @return [Boolean] whether the record stands there as it was given
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
