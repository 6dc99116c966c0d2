# frozen_string_literal: true

require "spec_helper"
require "open3"
require_relative "../../rakelib/changes/change"
require_relative "../support/pages"

# The changes that `rake changes` makes for real fit the tree, and ARCHITECTURE.md names the files that they touch.
RSpec.describe "rakelib/changes.rake" do
  changes = Dir.chdir(Leftovers::CHECKOUT) { Change.all }

  # The files of each change.
  listed = Page.new("ARCHITECTURE.md").table("changes").to_h do |change, files|
    [change[/`(\w+)`/, 1], files.scan(/`(.+?)`/).flatten]
  end

  it "makes the changes that ARCHITECTURE.md lists, and no others" do
    expect(listed.keys).to match_array(changes.map(&:name))
  end

  changes.each do |change|
    describe change.name do
      it "applies to the tree" do
        skip "needs git, as rake changes does" unless system("git", "--version", %i[out err] => File::NULL)

        said, status = Open3.capture2e("git", "apply", "--check", change.path, chdir: Leftovers::CHECKOUT)
        expect(status).to be_success, said
      end

      it "brings a spec along, and touches those files that ARCHITECTURE.md names, and no more than it says" do
        expect(change.files).to include(change.spec)
        expect(change.touched).to match_array(listed[change.name])
        expect(change.touched.size).to be <= change.allowed
      end
    end
  end
end
