# frozen_string_literal: true

# Loads the Rust core. A precompiled gem brings one library for each Ruby, in a folder named after it; otherwise there
# is the one that was built here.
features = ["crm_sync/#{RUBY_VERSION[/\d+\.\d+/]}/crm_sync_native", "crm_sync/crm_sync_native"]

found = features.any? do |feature|
  require feature
  true
rescue LoadError => e
  # Only "there is no such file" has this path. A library that is there but cannot be loaded must be seen, not skipped.
  raise unless e.path == feature

  false
end

unless found
  raise LoadError, "crm_sync's native library has not been built. In a checkout (also the `path:` of a Gemfile), run " \
                   "bin/setup and `bundle exec rake compile` there; elsewhere, `gem pristine crm_sync`. " \
                   "It needs libclang, and the Rust that Cargo.toml names or newer."
end
