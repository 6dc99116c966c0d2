# frozen_string_literal: true

require "spec_helper"
require "open3"
require_relative "../../ext/crm_sync/requirements"

# Tries the requirements of the build instead of looking for them by name; a missing one is told in one line.
RSpec.describe Requirements do
  def folder_with(name)
    folder = File.join(scratch, "lib")
    FileUtils.mkdir_p(folder)
    yield File.join(folder, name)
    folder
  end

  def libclang(folder)
    stub_const("ENV", ENV.to_h.merge("LIBCLANG_PATH" => folder))
    Requirements::Libclang.problem
  end

  let(:elf) { Dir[File.join(RbConfig::CONFIG["rubyarchdir"], "**/*.#{RbConfig::CONFIG["DLEXT"]}")].first }

  it "are met where this suite runs" do
    expect(described_class.problems(described_class::CHECKOUT).map(&:to_s)).to eq([])
  end

  describe "libclang" do
    it "is found where the build finds it" do
      found = Requirements::Libclang.find
      expect(libclang(File.dirname(found))).to be_nil
      expect(libclang(found)).to be_nil
    end

    it "is not clang's C++ library" do
      folder = folder_with("libclang-cpp.so.14") { |file| FileUtils.cp(elf, file) }
      expect(libclang(folder)).to eq("there is none in LIBCLANG_PATH=#{folder}")
    end

    it "is no file that only has its name" do
      folder = folder_with("libclang.so.1") { |file| File.write(file, "INPUT(libclang.so.14)\n") }
      expect(libclang(folder)).to eq("there is none in LIBCLANG_PATH=#{folder}")
    end

    it "is no library that cannot create an index" do
      folder = folder_with("libclang-14.so") { |file| FileUtils.cp(elf, file) }
      expect(libclang(folder)).to start_with("#{folder}/libclang-14.so is no libclang that can be used: ")
        .and include("clang_createIndex")
    end

    it "is no library that cannot be loaded" do
      folder = folder_with("libclang.so") { |file| File.binwrite(file, Requirements::Libclang::ELF) }
      expect(libclang(folder)).to start_with("#{folder}/libclang.so is no libclang that can be used: ")
    end

    # As Bundler does from Ruby 4.0 on, where fiddle is a gem that the bundle does not name.
    it "is tried where this process finds no fiddle" do
      lib = folder_with("fiddle.rb") { |file| File.write(file, "raise LoadError\n") }
      File.binwrite(File.join(lib, "libclang.so"), Requirements::Libclang::ELF)
      program = File.join(Leftovers::CHECKOUT, "ext/crm_sync/requirements.rb")
      output, = Open3.capture2({ "RUBYLIB" => lib, "LIBCLANG_PATH" => lib }, RbConfig.ruby, program)
      expect(output).to include("libclang: #{lib}/libclang.so is no libclang that can be used: ")
    end

    it "needs LIBCLANG_PATH to be right, or not to be set" do
      expect(libclang("/nowhere")).to eq("there is none in LIBCLANG_PATH=/nowhere")
      expect(libclang("")).to eq("there is none in LIBCLANG_PATH=")
    end
  end

  context "with a copy that anybody can reach" do
    # Copies the extension to a folder that has nothing else, neither a gem nor a whole checkout.
    before do
      @copy = Dir.mktmpdir("crm_sync-copy-")
      FileUtils.chmod(0o755, @copy)
      Dir["{bin/setup,Cargo.toml,ext/**/*.rb}", base: Leftovers::CHECKOUT].each do |path|
        FileUtils.mkdir_p(File.dirname(File.join(@copy, path)))
        FileUtils.cp(File.join(Leftovers::CHECKOUT, path), File.join(@copy, path))
      end
    end

    after { FileUtils.rm_rf(@copy) }

    def program(name, script = "exit 0")
      path = File.join(@copy, "bin", name)
      File.write(path, "#!/bin/sh\n#{script}\n")
      FileUtils.chmod(0o755, path)
    end

    # Runs a command with nothing but these variables, and as a user whom the machine does not know where that can be.
    def bare(*command, **env)
      FileUtils.chown_R(12_345, 12_345, @copy) if Process.uid.zero?
      stranger = Process.uid.zero? ? %w[setpriv --reuid=12345 --regid=12345 --clear-groups] : []
      Open3.capture2e(*stranger, "env", "-i", *env.map { |name, value| "#{name}=#{value}" }, *command, chdir: @copy)
    end

    it "has extconf.rb say in one line all that is missing, what to install and what to set" do
      program "apt-get"
      output, status = bare(RbConfig.ruby, "ext/crm_sync/extconf.rb", PATH: "#{@copy}/bin", LIBCLANG_PATH: "/nowhere")
      expect(status).not_to be_success
      expect(output.lines.size).to eq(1)
      expect(output).to start_with("crm_sync cannot be built here. Rust #{Requirements::Tools.least_rust} or newer: " \
                                   "cargo does not run")
      expect(output).to include("a C compiler: there is no cc; make: there is no make; libclang: there is none in " \
                                "LIBCLANG_PATH=/nowhere")
      expect(output).to end_with("Install with: apt-get install gcc libc6-dev make\n")
      expect(output).not_to match(/find home|HOME environment/)
    end

    it "has extconf.rb name the setting where cargo has no folder" do
      %w[cargo rustc].each { |name| program(name, "echo #{name} #{Requirements::Tools.least_rust}.0") }
      output, = bare(RbConfig.ruby, "ext/crm_sync/extconf.rb", PATH: "#{@copy}/bin", CARGO_HOME: "/nowhere/at/all")
      expect(output).to include("set CARGO_HOME, or HOME, to one that can be written")
    end

    it "has bin/setup leave nothing behind where it fails, and need neither a home nor a known user" do
      %w[cargo rustc].each { |name| program(name, "echo #{name} #{Requirements::Tools.least_rust}.0") }
      File.write(File.join(@copy, "Gemfile"), "source 'http://127.0.0.1:9'\ngem 'crm_sync_no_such_gem'\n")
      before = Dir.children(@copy)
      output, status = bare("bin/setup", PATH: "#{@copy}/bin:#{File.dirname(RbConfig.ruby)}:/usr/bin:/bin")
      expect(status).not_to be_success
      expect(output).to include("Could not find gem 'crm_sync_no_such_gem'",
                                "the gems of the Gemfile could not be installed")
      expect(output).not_to match(/find home|HOME environment/)
      expect(Dir.children(@copy) - ["tmp"]).to match_array(before)
    end
  end
end
