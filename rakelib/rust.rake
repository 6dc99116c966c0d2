# frozen_string_literal: true

desc "Rust: formatting, lints, tests"
task rust: %w[rust:fmt rust:clippy rust:test]

namespace :rust do
  # Crates that others wrote are built once, for the library, and these take what lies there; see that file.
  shared = %w[--release --config .cargo/checks.toml --locked --quiet --workspace]
  # The same as for the package: another one would have C libraries of crates built again.
  same = { "SOURCE_DATE_EPOCH" => "0" }
  # The binding has no tests of its own, because it cannot be linked without a Ruby around it: the specs test it. It is
  # named all the same, because what it asks of other crates would otherwise not be asked, and they would be built anew.
  tests = ["cargo", "test", *shared]

  desc "Rust formatting, as rustfmt would do it"
  task :fmt do
    step("cargo fmt") { |cargo| cargo.sh("cargo fmt --all --check") }
  end

  desc "Rust lints; a warning is an error"
  task :clippy do
    step("cargo clippy") do |cargo|
      cargo.sh(same, "cargo", "clippy", *shared, "--all-targets", "--", "--deny", "warnings")
    end
  end

  desc "Build the Rust tests"
  task :build do
    step("cargo test, building") { |cargo| cargo.sh(same, *tests, "--no-run") }
  end

  desc "Rust tests"
  task test: :build do
    step("cargo test") { |cargo| cargo.sh(same, *tests) }
  end
end
