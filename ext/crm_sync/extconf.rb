# frozen_string_literal: true

# Builds the native library with cargo: through the gem rb_sys where there is one (it knows cross-compilation), and
# otherwise by a Makefile of our own, so that nothing but Ruby and Rust is needed.
#
# Environment: CARGO_TARGET_DIR builds in that folder, which is left alone (the Rakefile sets it to the workspace's);
# without it, cargo's folder is below this one and removed on `make install`, because it is large. With rb_sys, its own
# RB_SYS_CARGO_TARGET_DIR.

require_relative "requirements"

# rustup's folder is not on the PATH of a deploy or of cron; cargo looks for rustc on the PATH.
home = Requirements::Tools.home
ENV["PATH"] = [ENV.fetch("PATH"), *(File.join(home, ".cargo/bin") if home)].join(File::PATH_SEPARATOR)

# Asked before mkmf is loaded, which ends the process in words of its own where Ruby's headers are missing. Where the
# library is built for another platform, RbConfig describes that platform's Ruby, and not what is here.
problems = defined?(CROSS_COMPILING) && CROSS_COMPILING ? [] : Requirements.problems(Requirements::BUILD)
abort Requirements.sentence(problems) if problems.any?

require "mkmf"

begin
  require "rb_sys/mkmf"
  create_rust_makefile("crm_sync/crm_sync_native") { |rust| rust.extra_cargo_args += ["--locked"] }
  exit
rescue LoadError
  message "rb_sys is not installed: calling cargo directly\n"
end

library = "libcrm_sync_native.#{RbConfig::CONFIG["SOEXT"]}"
flags =
  case RbConfig::CONFIG["host_os"]
  # Ruby's symbols are found when the library is loaded; only macOS's linker has to be told.
  when /darwin/ then "-- -C link-arg=-Wl,-undefined,dynamic_lookup"
  # Rust links musl statically unless told otherwise, and a static library cannot be loaded by Ruby.
  when /musl/ then "-- -C target-feature=-crt-static"
  end

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
  \t  cargo rustc --locked --lib --release --manifest-path "#{__dir__}/Cargo.toml" #{flags}
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
