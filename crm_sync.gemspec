# frozen_string_literal: true

require_relative "lib/crm_sync/version"

Gem::Specification.new do |spec|
  spec.name = "crm_sync"
  spec.version = CrmSync::VERSION
  spec.authors = ["The crm_sync authors"]
  spec.summary = "Keeps a Rails app, Salesforce and Zendesk in agreement"
  spec.description = "Reads two sides, decides, shows the plan, applies it, and accounts for every row. " \
                     "Fast, by a core in Rust, and careful with the people in the database."
  spec.license = "MIT"
  spec.homepage = "https://github.com/crm-sync/crm_sync"
  spec.metadata = {
    "source_code_uri" => spec.homepage, "changelog_uri" => "#{spec.homepage}/blob/main/CHANGELOG.md",
    "documentation_uri" => "#{spec.homepage}/blob/main/README.md", "rubygems_mfa_required" => "true"
  }

  # The native libraries are built where the gem is installed, from the whole Cargo workspace and its lock file.
  spec.files = Dir.chdir(__dir__) do
    crates = "{,ext/*/,simulator/}"
    Dir["lib/**/*", "exe/*", "demo/*.rb", "sig/**/*.rbs", "#{crates}Cargo.{toml,lock}", "#{crates}src/**/*.rs",
        "ext/**/*.rb", "benches/*.rs", # named in Cargo.toml, which cannot be read without it
        "*.md", "docs/*.md", "LICENSE"]
      .select { |path| File.file?(path) }
      .reject { |path| path.end_with?(".so", ".bundle") }
  end
  spec.bindir = "exe" # bin/ holds the checkout's own scripts
  spec.executables = ["crm_sync"]
  # The last one removes what cargo has built for both: see ext/native_library.rb.
  spec.extensions = ["ext/crm_sync/extconf.rb", "ext/crm_sync_testing/extconf.rb"]

  spec.required_ruby_version = ">= 3.1"
  # A contact sync needs activerecord too, which every app with a model has; an organization sync does without.
  spec.add_dependency "activesupport", ">= 6.1"
  # Bundled gems since Ruby 3.4 and 4.0: Bundler finds only those that a gem or the Gemfile names.
  spec.add_dependency "bigdecimal"
  spec.add_dependency "logger"
  spec.add_dependency "ruby-progressbar", "~> 1.11"
  spec.add_dependency "thor", "~> 1.2"
end
