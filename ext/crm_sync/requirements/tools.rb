# frozen_string_literal: true

require "open3"
require "rbconfig"
require "rubygems"
require "tmpdir"

module Requirements
  # Tries the programs and files that the build uses. Each check returns nil if it passes, and otherwise a message that
  # says what is wrong.
  module Tools
    PROGRAM = "#include <stdio.h>\nint main(void) { return puts(\"\") < 0; }\n"
    BUNDLES = %w[/etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem].freeze

    module_function

    # @return [String] the oldest Rust that Cargo.toml accepts
    def least_rust
      File.read(File.expand_path("../../../Cargo.toml", __dir__), encoding: "UTF-8")[/^rust-version = "(.+)"/, 1]
    end

    def rust
      %w[cargo rustc].each do |program|
        version = run(program, "--version")[/\d+\.\d+\.\d+/] or return "#{program} does not run"
        return "#{program} is #{version}" if Gem::Version.new(version) < Gem::Version.new(least_rust)
      end
      "cargo has no folder for what it downloads; set CARGO_HOME, or HOME, to one that can be written" unless cargo_home
    end

    # @return [String, nil] cargo's folder; nil if it does not exist and cannot be created
    def cargo_home
      folder = ENV.fetch("CARGO_HOME") { home && File.join(home, ".cargo") }
      folder if folder && (File.directory?(folder) || File.writable?(File.dirname(folder)))
    end

    # @return [String, nil] the home folder; nil if HOME is not set and the user is unknown
    def home
      Dir.home
    rescue ArgumentError
      nil
    end

    # Checks `cc`, because rustc links with the program of that name.
    def c_compiler
      Dir.mktmpdir do |folder|
        problem("cc", "-x", "c", "-o", File.join(folder, "program"), "-", stdin_data: PROGRAM)
      end
    end

    def make
      problem("make", "-f", "-", stdin_data: "all:\n\t@:\n")
    end

    # Checks nothing if there is no working C compiler, which is a problem of its own.
    def ruby_headers
      return if c_compiler

      folders = RbConfig::CONFIG.values_at("rubyhdrdir", "rubyarchhdrdir").map { |folder| "-I#{folder}" }
      problem("cc", "-x", "c", "-fsyntax-only", *folders, "-", stdin_data: "#include <ruby.h>\n")
    end

    # @return [Boolean] whether this Ruby was installed as a package of the distribution
    def system_ruby?
      File.realpath(RbConfig.ruby).start_with?("/usr/bin/")
    end

    # Also searches Debian's folder, which is not in the PATH.
    def initdb
      programs = ["initdb", *Dir["/usr/lib/postgresql/*/bin/initdb"]]
      "initdb does not run" if programs.none? { |program| run(program, "--version").include?("PostgreSQL") }
    end

    def time_zones
      before = ENV.fetch("TZ", nil)
      ENV["TZ"] = "America/New_York"
      "America/New_York is not known" unless Time.at(0).utc_offset == -5 * 3600
    ensure
      ENV["TZ"] = before
    end

    # macOS keeps the certificates in a keychain, so there is nothing to check.
    def certificates
      return if RUBY_PLATFORM.include?("darwin")

      files = [ENV.fetch("SSL_CERT_FILE", nil), *BUNDLES].compact
      readable = files.any? { |file| File.file?(file) && File.binread(file).include?("BEGIN CERTIFICATE") }
      "there are none in #{files.join(", ")}" unless readable
    end

    # @return [String, nil] the program's path
    def on_path(program)
      folders = ENV.fetch("PATH", "").split(File::PATH_SEPARATOR)
      folders.map { |folder| File.join(folder, program) }.find { |path| File.file?(path) && File.executable?(path) }
    end

    # @return [String] the output of a program; empty if the program fails
    def run(*command)
      output, status = Open3.capture2e(*command)
      status.success? ? output.scrub : ""
    rescue SystemCallError
      ""
    end

    # @return [String, nil] the first error of a program; nil if the program succeeds
    def problem(*command, **options)
      output, status = Open3.capture2e({ "LC_ALL" => "C" }, *command, **options)
      return if status.success?

      lines = output.scrub.lines(chomp: true)
      "#{command.first} fails: #{lines.grep(/error|cannot|not found/i).first || lines.first}"
    rescue SystemCallError
      "there is no #{command.first}"
    end
  end
end
