# frozen_string_literal: true

require "rake/extensiontask"
require_relative "../ext/native_library"

# The libraries share the workspace's target folder with every other cargo command; their Makefiles honour this
# variable.
ENV["CARGO_TARGET_DIR"] ||= File.expand_path("../target", __dir__)
ENV["RB_SYS_CARGO_TARGET_DIR"] ||= ENV.fetch("CARGO_TARGET_DIR")

# rb-sys asks this Ruby how to build; naming it the same way everywhere spares building again.
ENV["RUBY"] ||= Gem.ruby

# Like the package's: another one would have C libraries of crates built again.
task :compiling do
  puts "\n== compile"
  ENV["SOURCE_DATE_EPOCH"] ||= "0"
end

desc "Build the native libraries into lib/crm_sync, from what is here rather than from a package"
task compile: :compiling

# The gem as `rake native gem` packs it, with the libraries: for one platform, without what builds them. rake-compiler
# names the platform and bounds the Rubies.
module Precompiled
  SOURCES = %r{\A(ext|src|simulator|benches)/|\ACargo\.}
  LICENCES = "THIRD_PARTY_LICENCES.txt"

  # @return [Gem::Specification]
  def self.specification
    Gem::Specification.load("crm_sync.gemspec").dup.tap do |spec|
      spec.extensions = []
      spec.files = spec.files.grep_v(SOURCES) + [LICENCES]
    end
  end

  # Tells whether a package is asked for: for it, rake-compiler copies all files of the gem into a folder of its own.
  def self.wanted?
    Rake.application.top_level_tasks.grep(/\A(native|cross|gem)\b/).any?
  end
end

NativeLibrary.all.each do |library|
  Rake::ExtensionTask.new(library.name, *(Precompiled.specification if Precompiled.wanted?)) do |ext|
    ext.ext_dir = library.folder
    ext.lib_dir = "lib/crm_sync"
    # All crates: a change anywhere in the workspace makes another library.
    ext.source_pattern = "{../*/,../../,../../simulator/}{Cargo.toml,Cargo.lock,src/**/*.rs}"
    # rb-sys-dock sets both, for a platform and several Rubies, whose libraries then lie side by side, as in
    # lib/crm_sync/3.3/.
    ext.cross_compile = ENV.key?("RUBY_TARGET")
    ext.cross_platform = ENV.fetch("RUBY_TARGET", nil)
  end
end
