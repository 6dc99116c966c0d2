# frozen_string_literal: true

require "json"
require_relative "../notices/confidential"
require_relative "../store/private_folder"

module CrmSync
  module Internal
    # Stores sessions in private files, for all processes of one user on one machine.
    class SessionFile
      include Confidential

      # @param folder [CrmSync::PrivateFolder, nil] +nil+ for the state folder
      # @param log [CrmSync::Log, nil]
      def initialize(folder: nil, log: nil)
        @folder = folder
        @log = log
      end

      # @param key [String]
      # @return [Hash, nil] the session; +nil+ also if the file is not private to this user, or cannot be read
      def read(key)
        text = folder.open(name(key, "json")) { |file| file.read if private?(file.stat) }
        text && JSON.parse(text)
      rescue SystemCallError, JSON::ParserError, EncodingError
        nil
      end

      # @param key [String]
      # @param record [Hash]
      # @return [void]
      # @raise [SystemCallError]
      def write(key, record)
        folder.write(name(key, "json"), JSON.generate(record))
      end

      # Runs the block for one thread and process at a time. When a process dies, the next one gets the lock.
      def synchronize(key)
        lock = lock(key)
        yield
      ensure
        # Closing the file is not enough, because a child that was forked in the meantime has it open as well.
        lock&.flock(File::LOCK_UN)
        lock&.close
      end

      private

      def folder
        @folder || PrivateFolder.state
      end

      def name(key, ending)
        "session-#{key}.#{ending}"
      end

      def private?(stat)
        stat.file? && stat.owned? && stat.mode.nobits?(0o077)
      end

      # Locks a file that is never deleted: otherwise two processes could hold locks on two files of the same name.
      def lock(key)
        folder.open(name(key, "lock"), File::RDWR | File::CREAT).tap { |file| file.flock(File::LOCK_EX) }
      rescue SystemCallError => e
        @log&.warn("no lock, so that two processes may sign in at once: #{e.message}")
        nil
      end
    end
  end
end
