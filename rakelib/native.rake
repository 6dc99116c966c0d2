# frozen_string_literal: true

require "rake/extensiontask"

# The extension shares the workspace's target folder with every other cargo command; extconf.rb honours this variable.
ENV["CARGO_TARGET_DIR"] ||= File.expand_path("../target", __dir__)

# The build scripts that ask for Ruby's configuration must not see another Ruby than ours, nor Bundler.
ENV["RUBY"] ||= Gem.ruby

task(:compiling) { step "compile" }

desc "Build the native library into lib/crm_sync"
task compile: :compiling

Rake::ExtensionTask.new("crm_sync_native") do |ext|
  ext.ext_dir = "ext/crm_sync"
  ext.lib_dir = "lib/crm_sync"
  # All three crates: a change anywhere in the workspace makes another library.
  ext.source_pattern = "{,../../,../../simulator/}{Cargo.toml,Cargo.lock,src/**/*.rs}"
end
