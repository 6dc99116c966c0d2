# frozen_string_literal: true

require "spec_helper"
require_relative "../support/child_process"
require_relative "../../ext/native_library"

# Covers what an installation builds, and what it leaves behind. A program that writes libraries as cargo does stands in
# cargo's place, because the Makefiles are tested here, and cargo itself takes minutes.
RSpec.describe "ext/native_library.rb" do
  let(:installed) { File.join(scratch, "installed") }
  let(:libraries) { NativeLibrary.all }
  # Has a line for each time that cargo had to begin from nothing.
  let(:beginnings) { File.join(scratch, "beginnings") }

  before do
    Dir["{Cargo.toml,ext/**/*.rb}", base: Leftovers::CHECKOUT].each do |path|
      FileUtils.mkdir_p(File.dirname(gem(path)))
      FileUtils.cp(File.join(Leftovers::CHECKOUT, path), gem(path))
    end
    program("rustc", "echo rustc #{Requirements::Tools.least_rust}.0")
    program("cargo", <<~SH)
      [ "$1" = build ] || exec echo cargo #{Requirements::Tools.least_rust}.0
      [ -d "$CARGO_TARGET_DIR" ] || echo begun >> #{beginnings}
      mkdir -p "$CARGO_TARGET_DIR/release"
      while [ $# -gt 0 ]; do
        [ "$1" != --package ] || echo "$2" > "$CARGO_TARGET_DIR/release/lib$2.#{RbConfig::CONFIG["SOEXT"]}"
        shift
      done
    SH
  end

  def gem(path)
    File.join(scratch, "gem", path)
  end

  def program(name, script)
    path = File.join(scratch, "bin", name)
    FileUtils.mkdir_p(File.dirname(path))
    File.write(path, "#!/bin/sh\n#{script}\n")
    FileUtils.chmod(0o755, path)
  end

  def run_in(folder, *command, **variables)
    path = [File.join(scratch, "bin"), ENV.fetch("PATH")].join(":")
    env = { "PATH" => path, "CARGO_TARGET_DIR" => nil, "RB_SYS_CARGO_TARGET_DIR" => nil, **variables }
    result = run_command(*command, env:, chdir: folder)
    expect(result).to be_success, "#{result.stdout}#{result.stderr}"
  end

  # As RubyGems builds the extensions, old and new: those of today clean up afterwards too.
  def install(**variables)
    Gem::Specification.load(File.join(Leftovers::CHECKOUT, "crm_sync.gemspec")).extensions.each do |extension|
      commands = [[RbConfig.ruby, "extconf.rb"], %w[make clean], %w[make],
                  ["make", "install", "sitearchdir=#{installed}"], %w[make clean]]
      commands.each { |command| run_in(gem(File.dirname(extension)), *command, **variables) }
    end
  end

  def installed_libraries
    Dir[File.join(installed, "crm_sync/*")].to_h { |path| [File.basename(path), File.read(path).chomp] }
  end

  it "installs both libraries, which are built in one go, and removes what cargo has built" do
    install
    expect(installed_libraries).to eq(libraries.to_h { |library| [library.file, library.name] })
    expect(File.readlines(beginnings).size).to eq(1)
    left = Dir["**/{target,*.#{RbConfig::CONFIG["DLEXT"]}}", base: gem("")]
    expect(left).to eq([])
  end

  it "leaves a folder of cargo's alone that somebody has named" do
    target = File.join(scratch, "kept")
    install("CARGO_TARGET_DIR" => target)
    expect(installed_libraries.size).to eq(2)
    expect(Dir.children(target)).to eq(["release"])
  end

  it "has rb_sys write the Makefile for another platform, and for no other" do
    FileUtils.mkdir_p(File.join(scratch, "lib/rb_sys"))
    File.write(File.join(scratch, "lib/rb_sys/mkmf.rb"), <<~RUBY)
      def create_rust_makefile(target)
        File.write("Makefile", "for \#{target}")
      end
    RUBY
    folder = gem("ext/crm_sync_testing")
    extconf = [RbConfig.ruby, "-I#{scratch}/lib", "extconf.rb"]
    run_in(folder, *extconf, "RUBY_TARGET" => "arm64-darwin")
    expect(File.read(File.join(folder, "Makefile"))).to eq("for crm_sync/crm_sync_testing")
    run_in(folder, *extconf)
    expect(File.read(File.join(folder, "Makefile"))).to include("cargo build")
  end
end
