# frozen_string_literal: true

require "rake/extensiontask"

# The extension shares the workspace's target folder with every other cargo command; extconf.rb honours this variable.
ENV["CARGO_TARGET_DIR"] ||= File.expand_path("../target", __dir__)
ENV["RB_SYS_CARGO_TARGET_DIR"] ||= ENV.fetch("CARGO_TARGET_DIR")

# rb-sys asks this Ruby how to build; naming it the same way everywhere spares building again.
ENV["RUBY"] ||= Gem.ruby

# Like the package's: another one would have C libraries of crates built again.
task :compiling do
  puts "\n== compile"
  ENV["SOURCE_DATE_EPOCH"] ||= "0"
end

desc "Build the native library into lib/crm_sync, from what is here rather than from a package"
task compile: :compiling

Rake::ExtensionTask.new("crm_sync_native") do |ext|
  ext.ext_dir = "ext/crm_sync"
  ext.lib_dir = "lib/crm_sync"
  # All three crates: a change anywhere in the workspace makes another library.
  ext.source_pattern = "{,../../,../../simulator/}{Cargo.toml,Cargo.lock,src/**/*.rs}"
end
