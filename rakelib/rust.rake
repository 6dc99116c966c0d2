# frozen_string_literal: true

desc "Rust: formatting, lints, tests"
task rust: %w[rust:fmt rust:clippy rust:test]

namespace :rust do
  desc "Rust formatting, as rustfmt would do it"
  task :fmt do
    step "cargo fmt"
    sh "cargo fmt --all --check"
  end

  desc "Rust lints; a warning is an error"
  task :clippy do
    step "cargo clippy"
    sh "cargo clippy --locked --quiet --workspace --all-targets -- --deny warnings"
  end

  desc "Rust tests"
  task :test do
    step "cargo test"
    # The binding is tested by the specs: without a Ruby around it, it cannot even be linked.
    sh "cargo test --locked --quiet --workspace --exclude crm_sync_native"
  end
end
