# frozen_string_literal: true

module CrmSync
  # Files that a killed process has left: begun, and never put in their place. Their names tell who began them.
  module Leftovers
    # The process in the name of a file that is being written.
    NAME = /[.-](?<process>\d+)-\w+\.(?:new|unwritten|jsonl\.gz)\z/
    private_constant :NAME

    class << self
      # @param name [String] of the file that is to be there
      # @param ending [String]
      # @return [String] for the file until it is in its place, which nobody else takes
      def name(name, ending)
        "#{name}.#{Process.pid}-#{SecureRandom.hex(8)}.#{ending}"
      end

      # @param path [String]
      # @return [Boolean] whether it was begun by a process that has ended
      def abandoned?(path)
        process = File.basename(path)[NAME, :process]&.to_i or return false

        process == Process.pid ? File.lstat(path).mtime < STARTED : !alive?(process)
      rescue Errno::ENOENT
        false # somebody else was faster
      end

      private

      def alive?(process)
        Process.kill(0, process)
        true
      rescue Errno::ESRCH
        false
      rescue SystemCallError, RangeError
        true # somebody else's
      end
    end

    # The start of this process: in a container each can have the same number, the one before ours too.
    STARTED = Time.now
    private_constant :STARTED
  end
  private_constant :Leftovers
end
