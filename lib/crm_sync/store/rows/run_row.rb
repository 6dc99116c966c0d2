# frozen_string_literal: true

require_relative "../../notices/confidential_row"
require_relative "../beside"

module CrmSync
  # A row of +crm_sync_runs+. Loaded on first use only, because ActiveRecord::Base is not to be loaded at boot.
  class RunRow < ActiveRecord::Base
    extend Beside
    include ConfidentialRow

    self.table_name = Beside.table("crm_sync_runs")
    self.primary_key = "id"
    self.filter_attributes += [/\A(?:error)\z/]
  end
end
