# frozen_string_literal: true

desc "Rust: formatting, lints, tests"
task rust: %w[rust:fmt rust:clippy rust:test]

namespace :rust do
  # The binding is tested by the specs: without a Ruby around it, it cannot even be linked.
  tests = %w[cargo test --locked --quiet --workspace --exclude crm_sync_native]

  desc "Rust formatting, as rustfmt would do it"
  task :fmt do
    step("cargo fmt") { |cargo| cargo.sh("cargo fmt --all --check") }
  end

  desc "Rust lints; a warning is an error"
  task :clippy do
    step("cargo clippy") do |cargo|
      cargo.sh("cargo clippy --locked --quiet --workspace --all-targets -- --deny warnings")
    end
  end

  desc "Build the Rust tests"
  task :build do
    step("cargo test, building") { |cargo| cargo.sh(*tests, "--no-run") }
  end

  desc "Rust tests"
  task test: :build do
    step("cargo test") { |cargo| cargo.sh(*tests) }
  end
end
