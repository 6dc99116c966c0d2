# frozen_string_literal: true

module CrmSync
  module Organizations
    # Whom somebody asks about: an account or an organization.
    # @api private
    module Asked
      # @param id [String, Integer]
      # @return [String, nil] the account's id; nil for the id of an organization
      # @raise [ArgumentError] when it is no id
      def self.account(id)
        id = id.to_s
        return if id.match?(/\A\d{1,14}\z/)
        return id if id.match?(/\A[A-Za-z\d]{15}(?:[A-Za-z\d]{3})?\z/)

        raise ArgumentError, "#{Presentable.text(id).inspect} is the id of neither an account nor an organization"
      end
    end
  end
end
