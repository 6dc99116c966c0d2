# frozen_string_literal: true

require "rails_helper"
require "crm_sync/command_line"
require "psych"
require_relative "../support/pages"

RSpec.describe "docs/command_line.md" do
  page = Page.new("docs/command_line.md")
  commands = CrmSync::CommandLine::App.commands

  it "lists every command" do
    listed = page.table("commands").map { |row| row.first[/`crm_sync ([\w-]+)/, 1] }
    expect(listed).to match_array(commands.values.map { |command| command.usage[/\A[\w-]+/] } - ["help"])
  end

  it "lists every exit code" do
    rows = CrmSync::CommandLine::ExitCodes::TABLE.map do |status, row|
      ["`#{status}`", row.code.to_s, row.detailed.to_s, row.meaning]
    end
    expect(page.table("exit codes").map { |row| row.first(4) }).to eq(rows)
  end

  it "shows a pipeline of commands that there are" do
    scripts = Psych.safe_load(page.block("pipeline")).values.grep(Hash).filter_map { |job| job["script"] }
    expect(scripts.size).to eq(4)
    scripts.each do |script|
      name, file, *options = script.delete_prefix("bundle exec crm_sync ").sub("$ALLOW", "--allow mark:20").split
      expect(file).to eq("partners.rb")
      parsed = Thor::Options.new(commands.fetch(name.tr("-", "_")).options).parse(options)
      expect(parsed).to include("dir" => "partners")
    end
  end

  it "shows a pipeline whose stages know what the last run saw, and sign the plan" do
    expect(page.block("pipeline")).to include("CRM_SYNC_PLAN_SECRET")
    pipeline = Psych.safe_load(page.block("pipeline"))
    jobs = pipeline.select { |_, job| job.is_a?(Hash) && job["extends"] }
    caches = jobs.transform_values { |job| pipeline.dig(job["extends"], "cache").to_h.merge(job["cache"].to_h) }
    policies = { "gather accounts" => "pull", "gather organizations" => "pull", "compare" => "pull",
                 "apply" => "pull-push" }
    expect(caches.transform_values { |cache| cache["policy"] }).to eq(policies)
    expect(caches.values.map { |cache| cache["paths"] }.uniq).to eq([["state/"]])
  end
end
