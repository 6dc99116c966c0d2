# frozen_string_literal: true

require_relative "notices/confidential_row"
require_relative "store/beside"

module CrmSync
  # A row of +crm_sync_outbox+: a write-back that has not been seen to work yet.
  #
  # @example
  #   CrmSync::OutboxRow.where(sync: "UpdateUserSalesforceInfo").given_up.delete_all
  class OutboxRow < ActiveRecord::Base
    extend Beside
    include ConfidentialRow

    # @!method self.beside(model)
    #   @param model [Class, nil] a model of the app, or +nil+ for the main database
    #   @return [Class] the model of this table in that model's database
    #   @example
    #     CrmSync::OutboxRow.beside(Person).given_up.send_again

    # The number of attempts after which a write-back is given up.
    ATTEMPTS = 10

    # This class is loaded on first use only, because ActiveRecord::Base must not be loaded at boot.
    self.table_name = Beside.table("crm_sync_outbox")
    self.primary_key = "id"
    self.filter_attributes += [/\A(?:fields|cause|last_error)\z/]

    # @return [ActiveRecord::Relation] the rows that have failed too often, and are no longer sent
    # @example
    #   CrmSync::OutboxRow.given_up.pluck(:record_id, :last_error)
    def self.given_up
      where("attempts >= ?", ATTEMPTS)
    end

    # Makes the next run send the rows again, as if they were new.
    # @return [Integer] the number of rows
    # @example
    #   CrmSync::OutboxRow.where(sync: "UpdateUserSalesforceInfo").given_up.send_again
    def self.send_again
      update_all(attempts: 0, next_attempt_at: nil)
    end
  end
end
