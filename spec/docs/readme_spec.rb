# frozen_string_literal: true

require "rails_helper"
require_relative "../support/pages"

RSpec.describe "README.md" do
  include ShownCode

  page = Page.new("README.md")

  it "has at most 200 lines" do
    expect(page.text.lines.size).to be <= 200
  end

  it "says what it is and whether to use it before it shows it working" do
    titles = page.text.gsub(/^```.*?^```$/m, "").scan(/^## (.+)$/).flatten
    expect(titles).to eq(["Should I use it?", "Two commands", "A contact sync", "An organization sync",
                          "A picture of a plan", "Where to read on"])
  end

  it "leads to every other page" do
    expect(page.links.map { |link| link[/[^#]+/] }).to include(*Page::NAMES - ["README.md"])
  end

  it "has a line for the Gemfile" do
    gemfile = Object.new
    gemfile.define_singleton_method(:gem) { |name, git:| [name, git] }
    expect(gemfile.instance_eval(page.block("run: gemfile"))).to eq(["crm_sync", "…"])
  end

  it "names commands that there are" do
    commands = page.text.scan(%r{^bin/\S+$}).flatten
    expect(commands).to eq(%w[bin/demo bin/test])
    expect(commands).to all(satisfy { |command| File.executable?(File.join(Leftovers::CHECKOUT, command)) })
  end

  context "with a database" do
    using_database :sqlite

    it "has a contact sync that writes what it says" do
      create_user(id: 1, email: "ann@b.edu")
      create_user(id: 2, salesforce_contact_id: "0034C00000VaYfLQAV")
      create_user(id: 3, salesforce_contact_id: "0034C00000VaYfMQAV", faculty_status: :confirmed_faculty)
      create_user(id: 4, email: "dee@b.edu")
      contacts = [shown_contact("K", "Ann@b.edu", "Confirmed"), shown_contact("L", "bob@b.edu", "Pending"),
                  shown_contact("M", "cy@b.edu", "Ask Kim"), shown_contact("N", "eve@b.edu")]
      written = CrmSync::Testing::Salesforce.start(records: { "Contact" => contacts }) { page.run("example") }
      expect(timeless(written)).to eq(page.block("output: example"))
    ensure
      Object.send(:remove_const, :TeacherSync) if Object.const_defined?(:TeacherSync)
    end
  end

  it "has an organization sync that needs no org, and writes what it says" do
    expect(page.run("first plan")).to eq(page.block("output: first plan"))
  ensure
    Object.send(:remove_const, :FirstSync) if Object.const_defined?(:FirstSync)
  end

  it "declares each sync in ten lines" do
    ["run: example", "run: first plan"].each do |mark|
      expect(page.block(mark)[/^class .*?^end$/m].lines.size).to be <= 10
    end
  end
end
