# frozen_string_literal: true

module CrmSync
  module Database
    # The name of statements that Rails does not log, because they may hold people's addresses.
    UNLOGGED = "SCHEMA"
  end
end
