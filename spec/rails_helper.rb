# frozen_string_literal: true

require_relative "spec_helper"

# For specs that need the dummy app and its databases.
ENV["RAILS_ENV"] = "test"
ENV["DUMMY_FOLDER"] = Scratch::ROOT
require_relative "dummy/config/environment"

require "crm_sync/testing"
require_relative "support/left_simulators"
