# frozen_string_literal: true

require "json"

module CrmSync
  class Lock
    # A lock on a file, which the kernel releases when its process ends. The file is never deleted: otherwise two
    # processes could hold locks on two files of the same name.
    class File
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] a connection to SQLite
      # @return [File, nil] a lock beside the database's file, where every process that writes there finds it; nil for a
      #   database without a file
      def self.beside(connection, name)
        path = Database::SQLite.new(connection).file or return
        new(PrivateFolder.new(::File.dirname(path)), "#{::File.basename(path)}-crm_sync-#{name}")
      end

      # @param folder [CrmSync::PrivateFolder]
      # @param name [String]
      def initialize(folder, name)
        @folder = folder
        @name = name
      end

      # @return [String] identifies the lock
      def key
        @folder.path(@name)
      end

      # @return [Boolean] whether the lock has been acquired
      # @raise [CrmSync::ConfigurationError] when the file cannot be created or locked
      def take
        @file = @folder.open(@name, ::File::RDWR | ::File::CREAT)
        taken = @file.flock(::File::LOCK_EX | ::File::LOCK_NB) ? true : false
      rescue SystemCallError => e
        raise ConfigurationError, "#{key} cannot be locked, which keeps two runs apart (#{e.message}); " \
                                  "let the user who runs the sync write it"
      ensure
        @file&.close unless taken
      end

      # @return [Boolean] whether the file that others would lock is still the one that this process has locked
      def held?(_session = nil)
        there = ::File.lstat(key)
        ours = @file.stat
        [there.dev, there.ino] == [ours.dev, ours.ino]
      rescue Errno::ENOENT
        false
      end

      # @return [false] because it does not belong to a session
      def keeps?(_connection) = false

      # Does nothing, because the lock does not depend on a connection.
      def wake = nil

      # @return [true] the loss of the lock is noticed by the check before each write
      def renew = true

      # Writes the holder into the file.
      def sign(holder)
        @file.truncate(0)
        @file.pwrite(JSON.generate(holder.to_h), 0)
      end

      # @return [Holder, nil] the process that holds the lock, if that can be read
      def holder
        kept = JSON.parse(@folder.open(@name, &:read))
        Holder.from(kept) if kept.is_a?(Hash)
      rescue SystemCallError, JSON::ParserError, EncodingError
        nil
      end

      # @return [nil] nothing is known unless the holder has been written
      def guess = nil

      # Unlocks the file before closing it: closing it is not enough, because a child that was forked in the meantime
      # may have it open as well.
      def release
        return if @file.nil? || @file.closed?

        @file.truncate(0)
        @file.flock(::File::LOCK_UN)
      ensure
        @file&.close
      end

      # Closes the file in a forked child.
      def forget
        @file&.close
      end
    end
  end
end
