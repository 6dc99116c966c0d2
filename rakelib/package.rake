# frozen_string_literal: true

package = Gem::Specification.load("crm_sync.gemspec")

desc "Build the gem into pkg/"
task :package do
  version = File.read("Cargo.toml")[/^version = "(.+)"/, 1]
  raise "Cargo.toml says #{version}, lib/crm_sync/version.rb #{package.version}" unless version == package.version.to_s

  mkdir_p "pkg", verbose: false
  sh "gem", "build", "--silent", "--output", "pkg/#{package.file_name}", package.loaded_from, verbose: false
end

namespace :package do
  home = File.expand_path("tmp/package")
  library = "crm_sync_native.#{RbConfig::CONFIG["DLEXT"]}"

  desc "Build the gem, install it into an empty folder, load it from there; unless nothing in it changed since"
  task check: "#{home}/checked" do
    # The specs use the library that was built for the package. By way of a second name, so that a process which has
    # the old library loaded keeps it whole.
    cp File.read("#{home}/checked"), "tmp/#{library}", verbose: false
    mv "tmp/#{library}", "lib/crm_sync/#{library}", verbose: false
  end

  # Cargo's folder is the workspace's, so that crates which others wrote are built once; ours are built for each
  # package, because they lie elsewhere than in the checkout. spec/package/extconf_spec.rb sees that a user's cargo
  # folder is removed again.
  file "#{home}/checked" => [*package.files, package.loaded_from] do |stamp|
    Rake::Task["package"].invoke
    rm_rf home, verbose: false
    folders = ENV.to_h.slice("CARGO_TARGET_DIR", "RB_SYS_CARGO_TARGET_DIR")
    # Runs in no bundle, and without changing the environment of this process, in which other steps run.
    env = {
      **ENV.to_h.transform_values { nil }, **Bundler.unbundled_env, **folders,
      "GEM_HOME" => home, "GEM_PATH" => [home, *Gem.path].join(File::PATH_SEPARATOR),
      "SOURCE_DATE_EPOCH" => "0" # the time of day, which RubyGems puts here, has crates built again
    }
    step("package") do |gem|
      gem.sh(env, "gem", "install", "--local", "--ignore-dependencies", "--no-document", "pkg/#{package.file_name}")
      loaded = gem.sh(env, "ruby", "-rcrm_sync", "-e", "puts $LOADED_FEATURES.grep(%r{/#{library}$})").chomp
      raise "Loaded from elsewhere: #{loaded}" unless loaded.start_with?("#{home}/")

      File.write(stamp.name, loaded)
    end
  end
end
