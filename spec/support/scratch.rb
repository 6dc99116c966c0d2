# frozen_string_literal: true

require "fileutils"
require "tmpdir"

# Folders outside the checkout for whatever a spec writes: one for the whole suite, one for each example that asks.
module Scratch
  ROOT = Dir.mktmpdir("crm_sync-spec-")
  owner = Process.pid
  at_exit { FileUtils.rm_rf(ROOT) if Process.pid == owner } # and not when a forked child ends

  def self.folder
    Dir.mktmpdir(nil, ROOT)
  end

  # This example's own folder.
  def scratch
    @scratch ||= Scratch.folder
  end

  RSpec.configure do |config|
    config.include self
    config.after { FileUtils.rm_rf(@scratch) if @scratch }
  end
end
