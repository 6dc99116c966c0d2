# frozen_string_literal: true

require "rails_helper"
require_relative "../support/pages"

# Covers the properties that all pages of the documentation have in common.
RSpec.describe Page do
  described_class.all.each do |page|
    describe page.name do
      it "says first for whom it is" do
        first = page.text.split("\n\n")[1]
        expect(first).to start_with("This page is for ") unless page.name == "README.md"
      end

      it "leads to places that there are" do
        expect(page.links).not_to be_empty
        page.links.each do |link|
          path, anchor = link.split("#", 2)
          target = path.empty? ? page.name : File.join(File.dirname(page.name), path).delete_prefix("./")
          file = File.expand_path(target, Leftovers::CHECKOUT)
          expect(File.file?(file)).to be(true), link
          expect(described_class.new(target).anchors).to include(anchor), link if anchor
        end
      end

      it "shows no Ruby that is not run" do
        above = page.text.scan(/^(.*)\n```ruby$/).flatten
        expect(above.grep_v(/\A<!-- (?:run: .+|results) -->\z/)).to eq([])
      end

      # Tables without a comment are prose in cells.
      it "marks nothing that no spec looks at" do
        marks = page.text.scan(/^<!-- (.+) -->$/).flatten
        specs = Dir[File.join(__dir__, "../{docs,rakelib}/*_spec.rb")].map { |path| File.read(path) }.join
        names = marks.map { |mark| mark.delete_prefix("run: ").inspect }
        expect(names.reject { |name| specs.include?(name) || specs.include?(%("run: #{name.delete('"')}")) }).to eq([])
      end
    end
  end

  it "leads from one page of docs/ to the next, through all of them" do
    reached = ["docs/contact_sync.md"]
    reached.each do |name|
      following = described_class.new(name).text[/^Next: .*\z/m].scan(/\]\((\w+\.md)/).flatten
      reached.concat(following.map { |page| "docs/#{page}" } - reached)
    end
    expect(reached).to match_array(described_class::NAMES.grep(%r{\Adocs/}))
  end

  it "is in the package, with all of docs/" do
    files = Gem::Specification.load(File.join(Leftovers::CHECKOUT, "crm_sync.gemspec")).files
    expect(files).to include(*described_class::NAMES)
  end
end
