# frozen_string_literal: true

module CrmSync
  module CommandLine
    # The options of the commands, as Thor takes them.
    module Options
      # Options of every command that takes a file.
      COMMON = {
        sync: { banner: "NAME", desc: "The sync, where FILE defines several" },
        json: { type: :boolean, desc: "One JSON object on stdout, for machines, and nothing else" },
        quiet: { type: :boolean, desc: "No text on stdout and no progress: only warnings and errors" },
        verbose: { type: :boolean, desc: "Log lines of the level info too" },
        detailed_exitcode: { type: :boolean, desc: "Tells all outcomes apart; see: crm_sync help exit-codes" },
        trace: { type: :boolean, desc: "The backtrace of what went wrong" }
      }.freeze
      # The option of commands that write.
      ALLOW = { type: :hash, banner: "mark:20 accounts:3",
                desc: "Budgets and sources that may go further this time, as a held or blocked run proposes it" }.freeze
      # The option of the stages.
      DIR = { required: true, banner: "DIR", desc: "The folder of all stages, which holds their JSON files" }.freeze
    end
    private_constant :Options
  end
end
