# frozen_string_literal: true

require "fileutils"
require "open3"
require "shellwords"

# Puts the worst mistakes of the old routine back into our code, one at a time, and sees that the specs notice.
#
# A mutation is a patch in spec/mutations/. The lines in front of it say what it does, and in the line "Caught by:" with
# which arguments RSpec is to fail.
class Mutations
  Mutation = Struct.new(:path, :specs, :title) do
    def initialize(path)
      head = File.read(path)[/\A.*?(?=^--- )/m].to_s
      specs = head[/^Caught by: (.+)/, 1].to_s.shellsplit
      super(path, specs, "#{File.basename(path, ".patch")[0, 2]} #{head.lines.first.to_s.chomp}")
    end

    def rust?
      File.read(path).match?(/^\+\+\+ .*\.rs$/)
    end
  end

  # In cargo's target folder: at one place in every run, so that cargo compiles only what changed; and apart from the
  # checkout's own library, which somebody else may just be compiling.
  HOME = File.join(File.expand_path(ENV.fetch("CARGO_TARGET_DIR", "target")), "mutations")
  COPY = File.join(HOME, "checkout")
  LIBRARY = File.join(COPY, "lib/crm_sync/crm_sync_native.#{RbConfig::CONFIG["DLEXT"]}")
  TARGET = File.join(HOME, "target")
  # What is compiled for one look may be slow.
  QUICKLY = { "CARGO_TARGET_DIR" => TARGET, "RB_SYS_CARGO_TARGET_DIR" => TARGET,
              "CARGO_PROFILE_RELEASE_LTO" => "off", "CARGO_PROFILE_RELEASE_OPT_LEVEL" => "1",
              "CARGO_PROFILE_RELEASE_INCREMENTAL" => "true", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS" => "16",
              "BUNDLE_GEMFILE" => File.join(COPY, "Gemfile") }.freeze

  def initialize(paths)
    @mutations = paths.map { |path| Mutation.new(path) }
  end

  def check
    abort "There are no such mutations" if @mutations.empty?
    copy_checkout
    files = @mutations.flat_map(&:specs).grep(/_spec\.rb/).uniq
    complain("the specs do not pass without a mutation either") { compile && specs_outcome(files) == :passed }
    FileUtils.cp(LIBRARY, HOME)
    results = @mutations.map do |mutation|
      outcome(mutation).tap { |result| puts "#{result.to_s.ljust(15)} #{mutation.title}" }
    end
    unwanted = results.count { |result| result != :caught }
    $stdout.flush # so that the lines come before the verdict
    abort "#{unwanted} of #{results.size} mutations were not caught" if unwanted.positive?
  end

  private

  def copy_checkout
    FileUtils.rm_rf(COPY)
    files, = Open3.capture2("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    [*files.split("\0"), "Gemfile.lock"].uniq.select { |path| File.file?(path) }.each do |path|
      FileUtils.mkdir_p(File.dirname(File.join(COPY, path)))
      FileUtils.cp(path, File.join(COPY, path)) # with a new date, from which cargo knows what to compile
    end
  end

  def outcome(mutation)
    return :"names no spec" if mutation.specs.empty?
    return :"does not apply" unless patch(mutation, "--dry-run") && patch(mutation)

    begin
      compiled = !mutation.rust? || compile
      compiled ? { passed: :SURVIVED, failed: :caught }.fetch(specs_outcome(mutation.specs), :broken) : :"no compile"
    ensure
      complain("#{mutation.path} cannot be taken back") { patch(mutation, "--reverse") }
      FileUtils.cp(File.join(HOME, File.basename(LIBRARY)), LIBRARY) if mutation.rust?
    end
  end

  def patch(mutation, *options)
    exactly = %w[--batch --fuzz=0 --no-backup-if-mismatch]
    run("patch", "-p1", *exactly, *options, "-i", File.expand_path(mutation.path))
  end

  def compile
    run("bundle", "exec", "rake", "compile")
  end

  # Failed means that an example failed; what is not even loaded has found out nothing.
  def specs_outcome(arguments)
    passed = run("bundle", "exec", "rspec", "--no-color", "--fail-fast", *arguments)
    counts = @output[/^\d+ examples?, \d+ failures?.*/].to_s
    return :broken if counts.empty? || counts.start_with?("0 ") || counts.include?("outside")

    passed ? :passed : :failed
  end

  def run(*command)
    @output, status = Open3.capture2e(QUICKLY, *command, chdir: COPY)
    status.success?
  end

  def complain(what)
    yield || abort("#{@output}\n#{what}")
  end
end

desc "Put known mistakes into a copy of the code, one by one, and see that specs fail; ONLY=05 takes just that one"
task :mutations do
  step "mutations"
  Mutations.new(Dir["spec/mutations/#{ENV.fetch("ONLY", "")}*.patch"]).check
end
