# frozen_string_literal: true

require_relative "../ext/native_library"

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
  libraries = NativeLibrary.all.map(&:file)

  desc "Build the gem, install it into an empty folder, load it from there; unless nothing in it changed since"
  task check: "#{home}/checked" do
    # The specs use the libraries that were built for the package. By way of a second name, so that a process which has
    # the old ones loaded keeps them whole.
    File.readlines("#{home}/checked", chomp: true).each do |built|
      cp built, "tmp/", verbose: false
      mv "tmp/#{File.basename(built)}", "lib/crm_sync/", verbose: false
    end
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
      code = "puts $LOADED_FEATURES.select { |path| #{libraries}.include?(File.basename(path)) }"
      loaded = gem.sh(env, "ruby", "-rcrm_sync/testing", "-e", code)
      from_there = loaded.lines.count { |path| path.start_with?("#{home}/") }
      raise "Loaded from elsewhere:\n#{loaded}" unless from_there == libraries.size

      File.write(stamp.name, loaded)
    end
  end
end
