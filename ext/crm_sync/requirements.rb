# frozen_string_literal: true

require_relative "requirements/libclang"
require_relative "requirements/tools"

# Lists what is needed to build crm_sync, and to work on a checkout of it. Each requirement is checked by using it the
# way the build uses it, because a file with the right name proves nothing.
#
# extconf.rb checks this list before it builds, bin/setup before it installs, and a spec compares the page on
# configuration with it.
module Requirements
  # A requirement. +check+ returns nil if the requirement is met, and otherwise a message that says what is wrong.
  # +packages_help+ returns false if no package would solve the problem.
  Requirement = Struct.new(:name, :check, :packages, :packages_help, :remedy, keyword_init: true) do
    # @return [Requirements::Problem, nil]
    def problem
      reason = check.call
      Problem.new(self, reason) if reason
    end
  end

  # A requirement that is not met.
  Problem = Struct.new(:requirement, :reason) do
    # @return [String] the packages of this machine's distribution; empty where packages do not help
    def packages
      return "" if requirement.packages_help&.call == false

      requirement.packages.to_h.fetch(Requirements.package_manager, "")
    end

    # @return [String] the problem, and its remedy where no package helps
    def to_s
      text = "#{requirement.name}: #{reason}"
      packages.empty? && requirement.remedy ? "#{text} (#{requirement.remedy})" : text
    end
  end

  # The commands of the known package managers that install packages.
  INSTALL = { apt: "apt-get install", dnf: "dnf install", apk: "apk add", brew: "brew install" }.freeze

  # bin/setup parses the package names after `apt:` out of this file when Ruby is not installed yet.
  BUILD = [
    Requirement.new(name: "Rust #{Tools.least_rust} or newer", check: Tools.method(:rust),
                    remedy: "https://www.rust-lang.org/tools/install, or `rustup update stable`"),
    Requirement.new(name: "a C compiler", check: Tools.method(:c_compiler),
                    packages: { apt: "gcc libc6-dev", dnf: "gcc", apk: "gcc musl-dev" },
                    remedy: "macOS: xcode-select --install"),
    Requirement.new(name: "make", check: Tools.method(:make),
                    packages: { apt: "make", dnf: "make", apk: "make" }, remedy: "macOS: xcode-select --install"),
    Requirement.new(name: "libclang", check: Libclang.method(:problem),
                    packages: { apt: "libclang-dev", dnf: "clang-devel", apk: "clang-dev", brew: "llvm" },
                    packages_help: -> { !ENV.key?("LIBCLANG_PATH") },
                    remedy: "LIBCLANG_PATH has to be a folder with a libclang, or not to be set"),
    Requirement.new(name: "the headers of Ruby", check: Tools.method(:ruby_headers),
                    packages: { apt: "ruby-dev", dnf: "ruby-devel", apk: "ruby-dev" },
                    packages_help: Tools.method(:system_ruby?),
                    remedy: "they come with a Ruby that is built from source, and in a package of their own otherwise")
  ].freeze

  CHECKOUT = [
    *BUILD,
    Requirement.new(name: "PostgreSQL's server programs", check: Tools.method(:initdb),
                    packages: { apt: "postgresql", dnf: "postgresql-server", apk: "postgresql", brew: "postgresql" },
                    remedy: "a folder with initdb has to be on the PATH; no server has to run"),
    Requirement.new(name: "time zones", check: Tools.method(:time_zones),
                    packages: { apt: "tzdata", dnf: "tzdata", apk: "tzdata" }, remedy: "the tz database"),
    Requirement.new(name: "CA certificates", check: Tools.method(:certificates),
                    packages: { apt: "ca-certificates", dnf: "ca-certificates", apk: "ca-certificates" },
                    remedy: "SSL_CERT_FILE names them")
  ].freeze

  class << self
    # @param list [Array<Requirement>]
    # @return [Array<Problem>]
    def problems(list)
      list.filter_map(&:problem)
    end

    # @param problems [Array<Problem>]
    # @return [String] the problems and the command that installs the packages, in one line
    def sentence(problems)
      packages = problems.map(&:packages).reject(&:empty?).join(" ")
      text = "crm_sync cannot be built here. #{problems.join("; ")}."
      packages.empty? ? text : "#{text} Install with: #{INSTALL.fetch(package_manager)} #{packages}"
    end

    # @return [Symbol, nil]
    def package_manager
      @package_manager ||= INSTALL.find { |_, command| Tools.on_path(command[/\S+/]) }&.first
    end
  end
end

# For bin/setup: prints a line for each problem, with a tab and the packages that solve it.
if $PROGRAM_NAME == __FILE__
  Requirements.problems(Requirements::CHECKOUT).each { |problem| puts "#{problem}\t#{problem.packages}" }
end
