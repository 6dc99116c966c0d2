# frozen_string_literal: true

require "spec_helper"
require "fileutils"

# Answers where the spec of a file is: at its place under spec/. A file with several specs has a folder of its name,
# and what is about no single file is in one of the folders for that.
RSpec.describe "The layout of spec/" do
  many_sided = %w[docs faults hosts mistakes native package promises rules safety traps]
  sources = { "generators/" => "lib/generators/crm_sync/", "rakelib/" => "rakelib/", "" => "lib/crm_sync/" }

  # @return [Array<String>] the specs that have no counterpart, under +root+
  define_method(:misplaced) do |root|
    specs = Dir["**/*_spec.rb", base: File.join(root, "spec")] - ["layout_spec.rb"]
    specs.reject do |spec|
      folder, path = sources.find { |prefix, _| spec.start_with?(prefix) }
      source = File.join(root, path, spec.delete_prefix(folder).delete_suffix("_spec.rb"))
      many_sided.include?(spec[%r{\A[^/]+(?=/)}]) || mirrors?(source)
    end
  end

  def mirrors?(source)
    folder = File.dirname(source)
    File.file?("#{source}.rb") || Dir.exist?(source) || (File.file?("#{folder}.rb") && !Dir.exist?(folder))
  end

  def plant(*paths)
    paths.each do |path|
      FileUtils.mkdir_p(File.dirname(File.join(scratch, path)))
      File.write(File.join(scratch, path), "")
    end
  end

  it "mirrors lib/ and rakelib/" do
    expect(misplaced(Leftovers::CHECKOUT)).to eq([])
  end

  it "has a folder for each kind of spec with many sides" do
    folders = Dir["*/**/*_spec.rb", base: File.join(Leftovers::CHECKOUT, "spec")].map { |spec| spec[%r{\A[^/]+}] }
    expect(folders).to include(*many_sided)
  end

  it "takes a file, a folder, and a folder of several specs for one file" do
    plant("lib/crm_sync/plan/file.rb", "lib/crm_sync/salesforce/client.rb", "lib/generators/crm_sync/install/a.rb",
          "spec/plan_spec.rb", "spec/plan/file_spec.rb", "spec/salesforce/client/network_spec.rb",
          "rakelib/kills/moments.rb", "spec/generators/install_spec.rb", "spec/hosts/mysql_spec.rb",
          "spec/rakelib/kills_spec.rb")
    expect(misplaced(scratch)).to eq([])
  end

  it "takes no spec that is beside what it is about" do
    strays = %w[file_spec.rb hosts_spec.rb plan/mysql_spec.rb plans/file_spec.rb salesforce/network_spec.rb]
    plant("lib/crm_sync/plan.rb", "lib/crm_sync/plan/file.rb", "lib/crm_sync/salesforce/client.rb",
          *strays.map { |spec| "spec/#{spec}" })
    expect(misplaced(scratch)).to match_array(strays)
  end
end
