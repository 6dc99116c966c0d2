# frozen_string_literal: true

require_relative "crm_sync/requirements"

# A native library of this gem, and the Makefile that builds it with cargo, for which only Ruby and Rust are needed. For
# another platform, the gem rb_sys writes the Makefile, because it knows how to cross-compile.
#
# Each Makefile has one cargo command build all libraries in one folder, and takes its own library from there: the
# crates that the libraries share are built once, with the same features.
#
# Environment: with CARGO_TARGET_DIR, cargo builds in that folder, which is left alone (the Rakefile sets it to the
# workspace's). Without it, cargo builds in ext/target, which is removed when the last library is installed, because it
# is large.
class NativeLibrary
  # The libraries in the order of their installation.
  NAMES = %w[crm_sync_native crm_sync_testing].freeze
  ROOT = File.expand_path("..", __dir__)
  TARGET = File.join(__dir__, "target")
  private_constant :ROOT, :TARGET

  # @return [Array<NativeLibrary>]
  def self.all
    NAMES.map { |name| new(name) }
  end

  # @return [String]
  attr_reader :name

  def initialize(name)
    @name = name
  end

  # @return [String] the folder of the library's crate
  def folder
    "ext/#{name.delete_suffix("_native")}"
  end

  # @return [String] the name of the file that Ruby loads
  def file
    "#{name}.#{RbConfig::CONFIG["DLEXT"]}"
  end

  # Writes the Makefile into the current folder, or ends the process with a message that lists the requirements that are
  # not met.
  # @return [void]
  def create
    find_cargo
    # Checked before mkmf is loaded, which ends the process with its own message if Ruby's headers are missing.
    abort_without_requirements unless for_another_platform?
    require "mkmf"
    return create_with_rb_sys if for_another_platform?

    File.write("Makefile", makefile)
  end

  private

  # Adds rustup's folder to the PATH: it is not in the PATH of a deploy or of cron, and cargo looks for rustc in the
  # PATH.
  def find_cargo
    home = Requirements::Tools.home
    ENV["PATH"] = [ENV.fetch("PATH"), *(File.join(home, ".cargo/bin") if home)].join(File::PATH_SEPARATOR)
  end

  def abort_without_requirements
    problems = Requirements.problems(Requirements::BUILD)
    abort Requirements.sentence(problems) if problems.any?
  end

  # rb-sys-dock sets RUBY_TARGET. RbConfig then describes the Ruby of that platform, not the one that runs.
  def for_another_platform?
    ENV.key?("RUBY_TARGET")
  end

  def create_with_rb_sys
    require "rb_sys/mkmf"
    create_rust_makefile("crm_sync/#{name}") { |rust| rust.extra_cargo_args += ["--locked"] }
  end

  def makefile
    <<~MAKEFILE
      #{configuration(__dir__).join}
      # rake-compiler blanks target_prefix, because its sitearchdir ends in it already.
      target_prefix = /crm_sync
      RUBYARCHDIR = $(sitearchdir)$(target_prefix)
      DLLIB = #{file}
      TARGET = "$${CARGO_TARGET_DIR:-#{TARGET}}"

      # Always calls cargo, which knows best whether there is anything to do.
      all:
      \t@PATH="#{ENV.fetch("PATH")}" RUBY="#{Gem.ruby}" CARGO_TARGET_DIR=$(TARGET) #{flags} \\
      \t  cargo build --locked --lib --release --manifest-path "#{ROOT}/Cargo.toml" #{packages}
      \t@$(COPY) $(TARGET)/release/lib#{name}.#{RbConfig::CONFIG["SOEXT"]} $(DLLIB)

      # By way of a second name, so that a process which has the old library loaded keeps it whole.
      install:
      \t@$(MAKEDIRS) "$(RUBYARCHDIR)"
      \t@$(INSTALL_PROG) $(DLLIB) "$(RUBYARCHDIR)/$(DLLIB).new"
      \t@mv -f "$(RUBYARCHDIR)/$(DLLIB).new" "$(RUBYARCHDIR)/$(DLLIB)"
      \t@test -n "$$CARGO_TARGET_DIR" || $(RM_RF) $(DLLIB) #{"\"#{TARGET}\"" if last?}

      # RubyGems cleans before it builds; what cargo has built for another library stays.
      clean:
      \t@test -n "$$CARGO_TARGET_DIR" || $(RM_RF) $(DLLIB)

      .PHONY: all install clean
    MAKEFILE
  end

  def packages
    NAMES.map { |package| "--package #{package}" }.join(" ")
  end

  def last?
    name == NAMES.last
  end

  # Returns the flags that are added to the user's own.
  def flags
    flag =
      case RbConfig::CONFIG["host_os"]
      # Ruby's symbols are found when the library is loaded; only the linker of macOS has to be told.
      when /darwin/ then "-C link-arg=-Wl,-undefined,dynamic_lookup"
      # Rust links musl statically by default, and Ruby cannot load a static library.
      when /musl/ then "-C target-feature=-crt-static"
      end
    "RUSTFLAGS=\"$$RUSTFLAGS #{flag}\"" if flag
  end
end
