# frozen_string_literal: true

checkout = File.expand_path("../../..", __dir__)

# The bundle of the checkout, once somebody has installed it. Without a lock file Bundler would resolve here and write
# one; then the gems of the system have to do.
ENV["BUNDLE_GEMFILE"] ||= File.join(checkout, "Gemfile") if File.exist?(File.join(checkout, "Gemfile.lock"))
require "bundler/setup" if ENV["BUNDLE_GEMFILE"]

$LOAD_PATH.unshift(File.join(checkout, "lib"))

require "logger" # Rails before 7.1 relied on concurrent-ruby to load it, which it does no more

# As `rails new` has it: a process of the suite starts in two thirds of the time. The cache lies beside what the suite
# keeps, so that processes of all runs share it.
ENV["BOOTSNAP_CACHE_DIR"] ||= File.join(checkout, "tmp/bootsnap")
require "bootsnap/setup" if ENV["BUNDLE_GEMFILE"]
