# frozen_string_literal: true

require "spec_helper"
require_relative "../support/child_process"
require_relative "../../ext/crm_sync/requirements"

# Covers the files that an installation leaves behind. A program that writes a library as cargo does stands in cargo's
# place, because the Makefile is tested here, and cargo itself takes minutes.
RSpec.describe "ext/crm_sync/extconf.rb" do
  let(:extension) { File.join(scratch, "gem", "ext", "crm_sync") }
  let(:installed) { File.join(scratch, "installed") }
  let(:library) { "crm_sync_native.#{RbConfig::CONFIG["DLEXT"]}" }

  before do
    skip "rb_sys writes the Makefile here" if Gem::Specification.find_all_by_name("rb_sys").any?

    FileUtils.mkdir_p(extension)
    FileUtils.cp_r(Dir[File.join(Leftovers::CHECKOUT, "ext/crm_sync/*")], extension)
    FileUtils.cp(File.join(Leftovers::CHECKOUT, "Cargo.toml"), File.join(scratch, "gem"))
    FileUtils.mkdir_p(File.join(scratch, "bin"))
    program("rustc", "echo rustc #{Requirements::Tools.least_rust}.0")
    program("cargo", <<~SH)
      [ "$1" = rustc ] || exec echo cargo #{Requirements::Tools.least_rust}.0
      mkdir -p "$CARGO_TARGET_DIR/release"
      echo built > "$CARGO_TARGET_DIR/release/libcrm_sync_native.#{RbConfig::CONFIG["SOEXT"]}"
    SH
  end

  def program(name, script)
    path = File.join(scratch, "bin", name)
    File.write(path, "#!/bin/sh\n#{script}\n")
    FileUtils.chmod(0o755, path)
  end

  # Builds the extension by the commands of `gem install`.
  def install(**variables)
    path = [File.join(scratch, "bin"), ENV.fetch("PATH")].join(":")
    env = { "PATH" => path, "CARGO_TARGET_DIR" => nil, "RB_SYS_CARGO_TARGET_DIR" => nil, **variables }
    [[RbConfig.ruby, "extconf.rb"], %w[make], ["make", "install", "sitearchdir=#{installed}"]].each do |command|
      result = run_command(*command, env:, chdir: extension)
      expect(result).to be_success, "#{result.stdout}#{result.stderr}"
    end
  end

  def installed_library
    File.read(File.join(installed, "crm_sync", library))
  end

  it "installs the library, and removes what cargo has built" do
    install
    expect(installed_library).to eq("built\n")
    expect(Dir.exist?(File.join(extension, "target"))).to be(false)
    expect(File.exist?(File.join(extension, library))).to be(false)
  end

  it "leaves a folder of cargo's alone that somebody has named" do
    target = File.join(scratch, "kept")
    install("CARGO_TARGET_DIR" => target)
    expect(installed_library).to eq("built\n")
    expect(Dir.children(target)).to eq(["release"])
  end
end
