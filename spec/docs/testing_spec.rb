# frozen_string_literal: true

require "rails_helper"
require_relative "../support/pages"

RSpec.describe "docs/testing.md" do
  page = Page.new("docs/testing.md")

  # Returns the rows of the table as Ruby takes them, and the names that the simulator knows.
  def answers(rows, service)
    listed = rows.map { |row| eval(row.first.delete("`")) } # rubocop:disable Security/Eval -- it is our own
    known = variants("http", "WireFault") + variants(service, "Answer") - %w[Wire]
    [listed, known.map { |name| name.underscore.to_sym }]
  end

  def variants(folder, enum)
    source = File.read(File.join(Leftovers::CHECKOUT, "simulator/src/#{folder}/fault.rs"))
    source[/pub enum #{enum} \{(.*?)^\}/m, 1].scan(/^    ([A-Z]\w*)/).flatten
  end

  def names(answers)
    answers.map { |answer| answer.is_a?(Hash) ? answer.keys.first : answer }
  end

  context "with the examples for Salesforce" do
    using_database :sqlite

    let(:user) { create_user(email: "ann@b.edu") }

    class_eval(page.block("run: rspec"), page.name)
  end

  context "with the example of a clock" do
    class_eval(page.block("run: clock"), page.name)
  end

  context "with the examples for Zendesk" do
    class_eval(page.block("run: zendesk"), page.name)
  end

  it "lists every fault of Salesforce, as the simulator takes it" do
    listed, known = answers(page.table("faults"), "salesforce")
    CrmSync::Testing::Salesforce.start(records: {}, faults: listed.map { |answer| { on: :query, answer: } }).stop
    expect(names(listed)).to match_array(known)
  end

  it "lists every fault of Zendesk, as the simulator takes it" do
    listed, known = answers(page.table("zendesk faults"), "zendesk")
    CrmSync::Testing::Zendesk.start(faults: listed.map { |answer| { on: :any, answer: } }).stop
    expect(names(listed)).to match_array(known)
  end

  it "lists every kind of request that a fault of Salesforce can be for" do
    kinds = page.prose[/`on:` is (.*?)\. Of the requests/, 1].scan(/`:(\w+)`/).flatten
    expect(kinds).to match_array(variants("salesforce", "Kind").map(&:underscore))
  end
end
