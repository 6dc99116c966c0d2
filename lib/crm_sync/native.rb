# frozen_string_literal: true

require_relative "native/structs"

module CrmSync
  # What the native libraries define. Each is loaded by the file that needs it, so that an app in production has no more
  # than the core.
  module Native
    # Loads a library. A precompiled gem brings one for each Ruby, in a folder named after it; otherwise there is the
    # one that was built here.
    # @param name [String]
    # @return [void]
    # @raise [LoadError] when there is none, or it cannot be loaded
    def self.load_library(name)
      features = ["crm_sync/#{RUBY_VERSION[/\d+\.\d+/]}/#{name}", "crm_sync/#{name}"]
      return if features.any? { |feature| loaded?(feature) }

      raise LoadError, "crm_sync's native library has not been built. In a checkout (also the `path:` of a Gemfile), " \
                       "run bin/setup and `bundle exec rake compile` there; elsewhere, `gem pristine crm_sync`. " \
                       "It needs libclang, and the Rust that Cargo.toml names or newer."
    end

    def self.loaded?(feature)
      require feature
      true
    rescue LoadError => e
      # Only "there is no such file" has this path. A library that is there but cannot be loaded must be seen, not
      # skipped.
      raise unless e.path == feature

      false
    end
    private_class_method :loaded?

    load_library("crm_sync_native")
  end
  private_constant :Native
end
