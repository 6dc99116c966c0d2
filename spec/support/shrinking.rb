# frozen_string_literal: true

# Of a made-up world that breaks a promise, the smallest of the same seed that does so too is what one wants to see.
module Shrinking
  # Runs the block with a size. If that fails, runs it with all smaller ones, from 1 on, and tells the first that fails.
  def shrinking(size)
    error = trying { yield size } or return
    (1...size).each do |smaller|
      found = trying { yield smaller } or next
      size = smaller
      error = found
      break
    end
    raise error.class, "the smallest has size #{size}: #{error.message}", error.backtrace
  end

  private

  # @return [Exception, nil] the failure, if any
  def trying(&)
    # Failures are collected in this suite; here each one ends its try.
    RSpec::Support.with_failure_notifier(->(failure, _options) { raise failure }, &)
    nil
  rescue RSpec::Expectations::ExpectationNotMetError, StandardError => e
    e
  end
end
