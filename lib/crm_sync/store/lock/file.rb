# frozen_string_literal: true

require "json"

module CrmSync
  class Lock
    # A lock on a file, which the kernel takes back when its process ends. The file stays: were it deleted, two could
    # hold locks on two files of this name.
    class File
      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] of SQLite
      # @return [File, nil] beside the database's file, where all find it who write there; nothing where it has none
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

      # @return [String] tells one lock from another
      def key
        @folder.path(@name)
      end

      # @return [Boolean] whether we have it now
      # @raise [CrmSync::ConfigurationError] when there can be no such file
      def take
        @file = @folder.open(@name, ::File::RDWR | ::File::CREAT)
        taken = @file.flock(::File::LOCK_EX | ::File::LOCK_NB) ? true : false
      rescue SystemCallError => e
        raise ConfigurationError, "#{key} cannot be locked, which keeps two runs apart (#{e.message}); " \
                                  "let the user who runs the sync write it"
      ensure
        @file&.close unless taken
      end

      # @return [Boolean] whether whoever looks for the lock finds the file that we have
      def held?(_session = nil)
        there = ::File.lstat(key)
        ours = @file.stat
        [there.dev, there.ino] == [ours.dev, ours.ino]
      rescue Errno::ENOENT
        false
      end

      # It does not depend on a connection.
      def wake = nil

      # @return [true] whether it was lost is looked at before each write
      def renew = true

      # Writes down who has it.
      def sign(holder)
        @file.truncate(0)
        @file.pwrite(JSON.generate(holder.to_h), 0)
      end

      # @return [Holder, nil] the process that has it, if that can be read
      def holder
        kept = JSON.parse(@folder.open(@name, &:read))
        Holder.from(kept) if kept.is_a?(Hash)
      rescue SystemCallError, JSON::ParserError, EncodingError
        nil
      end

      # @return [nil] nothing is known where nobody has written anything down
      def guess = nil

      # Closing alone would not do: a child that was forked in between may have it open too.
      def release
        return if @file.nil? || @file.closed?

        @file.truncate(0)
        @file.flock(::File::LOCK_UN)
      ensure
        @file&.close
      end

      # Lets go of the file in a forked child.
      def forget
        @file&.close
      end
    end
  end
end
