# frozen_string_literal: true

require "rails_helper"
require_relative "../support/pages"

RSpec.describe "docs/security.md" do
  page = Page.new("docs/security.md")

  it "lists every table of the migration" do
    template = "lib/generators/crm_sync/install/templates/create_crm_sync_tables.rb.tt"
    tables = File.read(File.join(Leftovers::CHECKOUT, template)).scan(/create_table :(\w+)/).flatten
    expect(page.table("stored").filter_map { |row| row.first[/\Athe table `(\w+)`/, 1] }).to match_array(tables)
  end

  it "names the one file with unsafe code, as SECURITY.md does" do
    files = Dir["{src,simulator/src,ext/*/src}/**/*.rs", base: Leftovers::CHECKOUT]
    code = files.to_h { |file| [file, File.read(File.join(Leftovers::CHECKOUT, file))] }
    unsafe = code.select { |_, text| text.match?(/\bunsafe (?:fn|\{|extern|impl)/) }.keys
    expect(Page.new("SECURITY.md").prose).to include("`unsafe` code is in one file, `#{unsafe.join("`, `")}`.")
  end
end
