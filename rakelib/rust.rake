# frozen_string_literal: true

desc "Rust: formatting, lints, tests"
task rust: %w[rust:fmt rust:test]

namespace :rust do
  # Crates that others wrote are built once, for the library, and these take what lies there; see that file.
  shared = %w[--release --config .cargo/checks.toml --locked --quiet --workspace]
  # Clippy is the compiler, so that what it reads is compiled in the same go; `cargo clippy` would have all crates read
  # once more. A warning is an error. SOURCE_DATE_EPOCH is the package's: with another one, C libraries are built again.
  linted = {
    "RUSTC_WORKSPACE_WRAPPER" => "clippy-driver",
    "CLIPPY_ARGS" => %w[--deny warnings].join("__CLIPPY_HACKERY__"), # as `cargo clippy` joins them
    "SOURCE_DATE_EPOCH" => "0"
  }

  desc "Rust formatting, as rustfmt would do it"
  task :fmt do
    step("cargo fmt") { |cargo| cargo.sh("cargo fmt --all --check") }
  end

  # The binding has no tests of its own, because it cannot be linked without a Ruby around it: the specs test it. It is
  # named all the same, to be linted, and because what it asks of other crates would otherwise not be asked, so that
  # they would be built anew.
  desc "Rust lints; builds the tests too"
  task :clippy do
    step("cargo clippy, which builds the tests") do |cargo|
      cargo.sh(linted, "cargo", "test", *shared, "--all-targets", "--no-run")
    end
  end

  desc "Rust tests"
  task test: :clippy do
    step("cargo test") { |cargo| cargo.sh(linted, "cargo", "test", *shared) }
  end
end
