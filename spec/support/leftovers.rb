# frozen_string_literal: true

# Fails a suite at whose end a thread of ours or a child process is still about.
module Leftovers
  CHECKOUT = File.expand_path("../..", __dir__)

  class << self
    def check
      found = threads + children
      raise "left over at the end of the suite: #{found.join(", ")}" if found.any?
    end

    private

    # Ruby names the file in which a thread was started; those of Rails and of Timeout are not ours to end.
    def threads
      (Thread.list - [Thread.main]).map(&:inspect).grep(/#{Regexp.escape(CHECKOUT)}/)
    end

    def children
      ended = Process.wait(-1, Process::WNOHANG)
      [ended ? "child #{ended}, which nobody waited for" : "a child that still runs"]
    rescue Errno::ECHILD
      []
    end
  end

  # Hooks of this kind run last one first, so this one, being loaded first, looks when the others have cleaned up.
  RSpec.configure { |config| config.after(:suite) { Leftovers.check } }
end
