# frozen_string_literal: true

package = Gem::Specification.load("crm_sync.gemspec")

desc "Build the gem into pkg/"
task :package do
  version = File.read("Cargo.toml")[/^version = "(.+)"/, 1]
  abort "Cargo.toml says #{version}, lib/crm_sync/version.rb #{package.version}" unless version == package.version.to_s
  mkdir_p "pkg", verbose: false
  sh "gem", "build", "--silent", "--output", "pkg/#{package.file_name}", package.loaded_from
end

namespace :package do
  home = File.expand_path("tmp/package")

  desc "Build the gem, install it into an empty folder, load it from there; unless nothing in it changed since"
  task check: "#{home}/checked"

  # Cargo's folder is kept for the next time, but is not the workspace's: cargo would take the crates in the package for
  # those of the checkout, and build both anew each time. With FROM_SCRATCH the gem builds below its own folder, as it
  # does for a user, and must clean up after itself.
  rm_f "#{home}/checked", verbose: false if ENV["FROM_SCRATCH"]
  file "#{home}/checked" => [*package.files, package.loaded_from] do |stamp|
    step "package"
    Rake::Task["package"].invoke
    rm_rf home, verbose: false
    env = { "GEM_HOME" => home, "GEM_PATH" => [home, *Gem.path].join(File::PATH_SEPARATOR),
            "SOURCE_DATE_EPOCH" => "0", # the time of day, which RubyGems puts here, has crates built again
            "CARGO_TARGET_DIR" => (File.expand_path("target/package") unless ENV["FROM_SCRATCH"]) }
    Bundler.with_unbundled_env do
      sh env, "gem", "install", "--local", "--ignore-dependencies", "--no-document", "pkg/#{package.file_name}",
         verbose: false
      sh env, "ruby", "-rcrm_sync", "-e", "puts $LOADED_FEATURES.grep(%r{^#{home}/.*crm_sync_native}).fetch(0)",
         verbose: false
    end
    left = Dir["#{home}/**/target/*"]
    abort "The install left #{left.join(", ")}" unless left.empty?
    touch stamp.name, verbose: false
  end
end
