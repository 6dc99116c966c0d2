# frozen_string_literal: true

require "active_support/core_ext/integer/time"
require "active_support/core_ext/string/access"
require "active_support/core_ext/time"
require_relative "diagnosis"
require_relative "history"
require_relative "issue"
require_relative "ledger"
require_relative "plan"
require_relative "plan/budgets"
require_relative "plan/nothing_read"
require_relative "plan/source_check"
require_relative "plan/spending_book"
require_relative "refusal"
require_relative "run"
require_relative "salesforce/api_name"
require_relative "salesforce/outbound"
require_relative "salesforce/record_id"
require_relative "salesforce/sight"
require_relative "salesforce/soql/condition"
require_relative "store/beside"
require_relative "store/database"
require_relative "store/lock"
require_relative "store/private_folder"
require_relative "store/state"
require_relative "sync/doctor"
require_relative "sync/dsl"
require_relative "sync/memory"
require_relative "sync/outcome"
require_relative "sync/plan_codec"
require_relative "sync/planner"
require_relative "sync/running"
require_relative "sync/writer"

# Loads what both syncs build on.
module CrmSync
  Confidential.cover
end
