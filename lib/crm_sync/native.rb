# frozen_string_literal: true

require_relative "native/structs"

module CrmSync
  # The classes and functions that the native libraries define. Each library is loaded by the file that needs it, so
  # that an app in production loads only the core.
  module Native
    # Loads a library. A precompiled gem contains one for each Ruby version, in a folder named after the version;
    # otherwise the library that was compiled on this machine is loaded.
    # @param name [String]
    # @return [void]
    # @raise [LoadError] when there is no library, or it cannot be loaded
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
      # Only the error that the file does not exist has this path. A library that exists but cannot be loaded must
      # raise, not be skipped.
      raise unless e.path == feature

      false
    end
    private_class_method :loaded?

    load_library("crm_sync_native")
  end
  private_constant :Native
end
