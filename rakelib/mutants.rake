# frozen_string_literal: true

# Needs cargo-mutants, which is no part of the bundle: cargo install --locked cargo-mutants. It works in a copy, and
# .cargo/mutants.toml says on what; what was found stays in target/mutants.out.
desc "Change the Rust decisions in small ways and see that cargo test notices; takes hours, SHARD=0/5 takes a fifth"
task :mutants do
  shard = ENV.fetch("SHARD", "0/1")
  sh "cargo", "mutants", "--output", "target", "--shard", shard, "--sharding", "round-robin", "--jobs", "1"
end
