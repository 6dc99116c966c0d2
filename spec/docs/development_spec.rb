# frozen_string_literal: true

require "rails_helper"
require "psych"
require_relative "../support/pages"

RSpec.describe "docs/development.md" do
  page = Page.new("docs/development.md")

  def file?(path)
    Dir.exist?(File.join(Leftovers::CHECKOUT, path)) || Dir[File.join(Leftovers::CHECKOUT, path)].any?
  end

  it "shows scripts and specs that there are" do
    shown = page.text.scan(%r{^((?:bin|spec)/\S+)(?: (\S+_spec\.rb))?}).flatten.compact
    expect(shown).to include("bin/setup", "bin/test", "bin/lane")
    expect(shown).to all(satisfy { |path| file?(path) })
  end

  it "lists tasks that there are" do
    rakefiles = ["Rakefile", *Dir["rakelib/*.rake", base: Leftovers::CHECKOUT]]
    code = rakefiles.map { |path| File.read(File.join(Leftovers::CHECKOUT, path)) }.join
    names = page.listed("tasks").map { |task| task.delete_prefix("rake ") }
    names.flat_map { |name| name.split(/[ :]/) }.each do |name|
      defined = /(?:task|namespace) :?"?#{name}\b/.match?(code) || %w[compile native gem].include?(name)
      expect(defined).to be(true), name
    end
  end

  it "says where each promise is tried" do
    promises = page.table("promises")
    expect(promises.map(&:first)).to eq((1..8).map { |number| "P#{number}" })
    expect(promises.flat_map { |row| row.last.scan(/`([^`]+)`/).flatten }).to all(satisfy { |path| file?(path) })
  end

  it "names a workflow that runs bin/test, with files that there are" do
    workflow = Psych.safe_load(File.read(File.join(Leftovers::CHECKOUT, ".github/workflows/test.yml")))
    job = workflow["jobs"]["test"]
    gemfiles = job["strategy"]["matrix"]["include"].filter_map { |version| version["gemfile"] }
    expect(job["steps"].last).to eq("run" => "bin/test")
    expect(gemfiles).not_to be_empty
    expect(gemfiles).to all(satisfy { |path| file?(path) })
  end

  it "names folders and files that there are" do
    paths = page.text.scan(%r{`((?:src|ext|lib|simulator|sig|tests|spec|bin|\.ci|\.github)/[\w./-]*)`}).flatten
    expect(paths).not_to be_empty
    expect(paths).to all(satisfy { |path| file?(path) })
  end
end
