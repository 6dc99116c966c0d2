# frozen_string_literal: true

module CrmSync
  # Files that a killed process left behind: begun, but never moved into place. Their names contain the id of the
  # process that began them.
  module Leftovers
    # The name of a file that is being written, with the id of the process that writes it.
    NAME = /[.-](?<process>\d+)-\w+\.(?:new|unwritten|jsonl\.gz)\z/
    private_constant :NAME

    class << self
      # @param name [String] the name of the finished file
      # @param ending [String]
      # @return [String] the name of the file until it is moved into place, which no other process uses
      def name(name, ending)
        "#{name}.#{Process.pid}-#{SecureRandom.hex(8)}.#{ending}"
      end

      # @param path [String]
      # @return [Boolean] whether the file was begun by a process that has ended
      def abandoned?(path)
        process = File.basename(path)[NAME, :process]&.to_i or return false

        process == Process.pid ? File.lstat(path).mtime < STARTED : !alive?(process)
      rescue Errno::ENOENT
        false # Another process has removed it.
      end

      private

      def alive?(process)
        Process.kill(0, process)
        true
      rescue Errno::ESRCH
        false
      rescue SystemCallError, RangeError
        true # The process cannot be signalled, such as one of another user.
      end
    end

    # The start of this process. In a container, every process may have the same id, including the one before this one.
    STARTED = Time.now
    private_constant :STARTED
  end
  private_constant :Leftovers
end
