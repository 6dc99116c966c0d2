# frozen_string_literal: true

require "fileutils"
require "open3"

# A copy of the checkout, in which patches are put and taken back, and specs are run.
class PatchedCopy
  NATIVE = "lib/crm_sync/crm_sync_native.#{RbConfig::CONFIG["DLEXT"]}".freeze
  # Lies in cargo's target folder: at one place in every run, so that cargo compiles only what changed; and apart from
  # the checkout's own library, which somebody else may just be compiling.
  HOME = File.join(File.expand_path(ENV.fetch("CARGO_TARGET_DIR", "target")), "patches")
  FOLDER = File.join(HOME, "checkout")
  LIBRARY = File.join(FOLDER, NATIVE)
  # The library without any patch.
  UNPATCHED = File.join(HOME, File.basename(NATIVE))
  TARGET = File.join(HOME, "target")
  # Compiles fast: what is compiled for one look may be slow.
  QUICKLY = { "CARGO_TARGET_DIR" => TARGET, "RB_SYS_CARGO_TARGET_DIR" => TARGET,
              "CARGO_PROFILE_RELEASE_LTO" => "off", "CARGO_PROFILE_RELEASE_OPT_LEVEL" => "1",
              "CARGO_PROFILE_RELEASE_INCREMENTAL" => "true", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS" => "16",
              "BUNDLE_GEMFILE" => File.join(FOLDER, "Gemfile") }.freeze
  private_constant :NATIVE, :HOME, :FOLDER, :LIBRARY, :UNPATCHED, :TARGET, :QUICKLY

  # Copies the checkout, with its library if that is there.
  def initialize
    FileUtils.rm_rf(FOLDER)
    files, = Open3.capture2("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    [*files.split("\0"), "Gemfile.lock", NATIVE].uniq.select { |path| File.file?(path) }.each do |path|
      FileUtils.mkdir_p(File.dirname(File.join(FOLDER, path)))
      FileUtils.cp(path, File.join(FOLDER, path)) # with a new date, from which cargo knows what to compile
    end
    keep_library if library?
  end

  # @return [Boolean] whether it has a library
  def library?
    File.file?(LIBRARY)
  end

  # Compiles the copy as it is, for all patches that are no Rust.
  # @return [Boolean] whether that worked
  def prepare
    compile && keep_library
  end

  # Puts a patch in for the length of the block, compiled where it is Rust.
  # @return [Object] the result of the block, or the reason that it was not called
  def with(patch)
    return :"does not apply" unless apply(patch, "--dry-run") && apply(patch)

    begin
      patch.rust? && !compile ? :"no compile" : yield
    ensure
      said = @output
      complain("#{patch.path} cannot be taken back") { apply(patch, "--reverse") }
      @output = said
      FileUtils.cp(UNPATCHED, LIBRARY) if patch.rust?
    end
  end

  # Runs specs. A run that does not even load the code has found out nothing.
  # @param arguments [Array<String>] of RSpec
  # @return [:passed, :failed, :broken]
  def specs(arguments)
    passed = run("bundle", "exec", "rspec", "--no-color", "--fail-fast", *arguments)
    counts = @output[/^\d+ examples?, \d+ failures?.*/].to_s
    return :broken if counts.empty? || counts.start_with?("0 ") || counts.include?("outside")

    passed ? :passed : :failed
  end

  # Ends everything unless the block gives something, with what the last command said.
  def complain(what)
    yield || abort("#{@output}\n#{what}")
  end

  # @return [String] the output of the last command
  attr_reader :output

  private

  def apply(patch, *options)
    exactly = %w[--batch --fuzz=0 --no-backup-if-mismatch]
    run("patch", "-p1", *exactly, *options, "-i", File.expand_path(patch.path))
  end

  def compile
    run("bundle", "exec", "rake", "compile")
  end

  def keep_library
    FileUtils.cp(LIBRARY, UNPATCHED)
    true
  end

  def run(*command)
    @output, status = Open3.capture2e(QUICKLY, *command, chdir: FOLDER)
    status.success?
  end
end
