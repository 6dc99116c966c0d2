# frozen_string_literal: true

require "crm_sync"
require "crm_sync/testing"
require "tmpdir"
require_relative "partner_demo"
require_relative "terminal"

# Both syncs, one after the other, on simulators: `bin/demo` in a checkout, `crm_sync demo` where the gem is installed.
module Demo
  LEFT_OUT = "The contact sync is left out: its app has a database in memory, for which the gems activerecord and " \
             "sqlite3 have to be installed."

  class << self
    # @return [Boolean] whether everything came out as it must
    def run
      terminal = Terminal.new
      Dir.mktmpdir("crm_sync-demo-") do |folder|
        CrmSync.configuration.state_dir = folder # what a sync remembers where it has no database
        demos(terminal).map { |demo| demo.new(terminal).run }.all?
      end
    end

    private

    def demos(terminal)
      require "sqlite3"
      require "active_record"
      require_relative "contact_demo"
      [ContactDemo, PartnerDemo]
    rescue LoadError => e
      raise unless %w[sqlite3 active_record].include?(e.path)

      terminal.say(LEFT_OUT)
      [PartnerDemo]
    end
  end
end

exit Demo.run if $PROGRAM_NAME == __FILE__
