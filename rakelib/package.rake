# frozen_string_literal: true

require_relative "../lib/crm_sync/version"

desc "Build the gem into pkg/"
task :package do
  mkdir_p "pkg", verbose: false
  sh "gem", "build", "--silent", "--output", "pkg/crm_sync.gem", "crm_sync.gemspec"
end

namespace :package do
  desc "Build the gem, install it into an empty folder, and load it from there; FROM_SCRATCH=1 shares no compiled crate"
  task check: :package do
    step "package"
    home = File.expand_path("tmp/package")
    rm_rf home, verbose: false
    env = { "GEM_HOME" => home, "GEM_PATH" => [home, *Gem.path].join(File::PATH_SEPARATOR),
            "CARGO_TARGET_DIR" => (ENV.fetch("CARGO_TARGET_DIR") unless ENV["FROM_SCRATCH"]) }
    Bundler.with_unbundled_env do
      sh env, "gem", "install", "--local", "--ignore-dependencies", "--no-document", "pkg/crm_sync.gem", verbose: false
      sh env, "ruby", "-rcrm_sync", "-e", "puts $LOADED_FEATURES.grep(%r{^#{home}/.*crm_sync_native}).fetch(0)",
         verbose: false
    end
    left = Dir["#{home}/**/target"]
    abort "The install left #{left.join(", ")}" unless left.empty?
  end
end
