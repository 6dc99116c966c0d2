# frozen_string_literal: true

module CrmSync
  # A row of +crm_sync_outbox+. Loaded on first use only, because ActiveRecord::Base is not to be loaded at boot.
  # @api private
  class OutboxRow < ActiveRecord::Base
    self.table_name = Outbox::TABLE
  end
end
