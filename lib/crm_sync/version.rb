# frozen_string_literal: true

module CrmSync
  # The version of the gem, and of the Rust crates in it.
  VERSION = "0.1.0"
end
