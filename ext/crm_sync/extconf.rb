# frozen_string_literal: true

# Builds the native library with cargo: through the gem rb_sys where there is one (it knows cross-compilation), and
# otherwise by a Makefile of our own, so that nothing but Ruby and Rust is needed.
#
# Environment: CARGO_TARGET_DIR builds in that folder, which is left alone (the Rakefile sets it to the workspace's);
# without it, cargo's folder is below this one and removed on `make install`, because it is large. With rb_sys, its own
# RB_SYS_CARGO_TARGET_DIR.

require "mkmf"

workspace = File.expand_path("../..", __dir__)
least = Gem::Version.new(File.read("#{workspace}/Cargo.toml")[/^rust-version = "(.+)"/, 1])

# rustup's folder is not on the PATH of a deploy or of cron; cargo looks for rustc on the PATH.
ENV["PATH"] = [ENV.fetch("PATH"), File.join(Dir.home, ".cargo/bin")].join(File::PATH_SEPARATOR)
version = `cargo --version`[/\d+\.\d+\.\d+/] if find_executable("cargo")
unless version && Gem::Version.new(version) >= least
  abort "crm_sync needs Rust #{least} or newer to be built, and found #{version || "none"}. " \
        "Install it (https://www.rust-lang.org/tools/install, or `rustup update stable`) and try again."
end

begin
  require "rb_sys/mkmf"
  create_rust_makefile("crm_sync/crm_sync_native") { |rust| rust.extra_cargo_args += ["--locked"] }
  exit
rescue LoadError
  message "rb_sys is not installed: calling cargo directly\n"
end

library = "libcrm_sync_native.#{RbConfig::CONFIG["SOEXT"]}"
# Ruby's symbols are found when the library is loaded; only macOS's linker has to be told.
linking = "-- -C link-arg=-Wl,-undefined,dynamic_lookup" if RUBY_PLATFORM.include?("darwin")

File.write("Makefile", <<~MAKEFILE)
  #{configuration(__dir__).join}
  # rake-compiler blanks target_prefix, because its sitearchdir ends in it already.
  target_prefix = /crm_sync
  RUBYARCHDIR = $(sitearchdir)$(target_prefix)
  DLLIB = crm_sync_native.#{RbConfig::CONFIG["DLEXT"]}
  TARGET = "$${CARGO_TARGET_DIR:-target}"

  # Always calls cargo, which knows best whether there is anything to do.
  all:
  \t@PATH="#{ENV.fetch("PATH")}" RUBY="#{Gem.ruby}" CARGO_TARGET_DIR=$(TARGET) \\
  \t  cargo rustc --locked --lib --release --manifest-path "#{__dir__}/Cargo.toml" #{linking}
  \t@$(COPY) $(TARGET)/release/#{library} $(DLLIB)

  # By way of a second name, so that a process which has the old library loaded keeps it whole.
  install:
  \t@$(MAKEDIRS) "$(RUBYARCHDIR)"
  \t@$(INSTALL_PROG) $(DLLIB) "$(RUBYARCHDIR)/$(DLLIB).new"
  \t@mv -f "$(RUBYARCHDIR)/$(DLLIB).new" "$(RUBYARCHDIR)/$(DLLIB)"
  \t@test -n "$$CARGO_TARGET_DIR" || $(RM_RF) target $(DLLIB)

  clean:
  \t@test -n "$$CARGO_TARGET_DIR" || $(RM_RF) target $(DLLIB)

  .PHONY: all install clean
MAKEFILE
