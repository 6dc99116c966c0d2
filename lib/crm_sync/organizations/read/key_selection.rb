# frozen_string_literal: true

module CrmSync
  module Organizations
    # Finds the accounts or organizations that somebody asks about, by id or name.
    class KeySelection
      ORGANIZATION = /\A\d{1,14}\z/
      # The maximum number of records to explain if several have the same name.
      MOST = 5
      private_constant :ORGANIZATION, :MOST

      # @param asked [String, Integer]
      # @raise [ArgumentError] when it can be neither an id nor a name
      def initialize(asked)
        @text = asked.to_s.strip
        right = asked.is_a?(String) || asked.is_a?(Integer)
        return if right && @text.match?(/[[:alnum:]]/) && !@text.include?("\n")

        given = right ? Presentable.text(asked).inspect : Given.kind(asked)
        raise ArgumentError, "#{given} is neither the id of an account or an organization, nor a name"
      end

      # @return [String, nil] the id in 18 characters, if the text has the form of an account's id
      def account
        RecordId.long(@text)
      end

      # @return [Integer, nil] the number, if it has the form of an organization's id
      def organization
        @text.to_i if @text.match?(ORGANIZATION)
      end

      # @param tables [CrmSync::Native::OrganizationTables]
      # @param host [CrmSync::Host]
      # @return [Array<Array(String, Integer)>] the account or the organization, for each record that is meant
      def subjects(tables, host)
        own = [[account, organization.to_i]] if account || organization
        return own if own && tables.explain(*own.first, host).any?

        tables.find(@text, host).first(MOST).presence || own || []
      end

      # @return [String] the given text, as it may be shown
      def to_s
        Presentable.text(@text)
      end
    end
    private_constant :KeySelection
  end
end
