# frozen_string_literal: true

require "fileutils"
require "securerandom"
require_relative "../errors"
require_relative "leftovers"
require_relative "utf8"

module CrmSync
  # A folder of files that only their owner can read. Links are never followed, and the text of the files is UTF-8.
  class PrivateFolder
    # @return [CrmSync::StateFolder] the state folder
    def self.state
      StateFolder.current
    end

    # @param path [String]
    def initialize(path)
      @path = Utf8.text(path.to_s)
    end

    # @param name [String] the name of a file in the folder
    # @return [String]
    def path(name)
      File.join(@path, name)
    end

    # @param name [String]
    # @param flags [Integer] flags of +File+; with +File::CREAT+ the folder is created as well
    # @yieldparam file [File] the file, which is closed at the end of the block
    # @return [File, Object] the open file, or the result of the block
    # @raise [SystemCallError] such as +Errno::ENOENT+, or +Errno::ELOOP+ for a link
    def open(name, flags = File::RDONLY, &)
      make if flags.anybits?(File::CREAT)
      # Without NONBLOCK, a named pipe in the place of the file would block for ever.
      File.open(path(name), flags | File::NOFOLLOW | File::NONBLOCK, 0o600, encoding: Encoding::UTF_8, &)
    end

    # Writes a file, and replaces an existing one atomically: readers see either the complete old file or the complete
    # new one.
    #
    # @param name [String]
    # @param text [String]
    # @return [void]
    # @raise [SystemCallError]
    def write(name, text)
      replace(name) { |file| file.write(text) }
    end

    # Replaces a file likewise, by the text that the block writes.
    #
    # @param name [String]
    # @yieldparam file [File]
    # @return [void]
    # @raise [SystemCallError]
    def replace(name)
      make
      sweep("#{name}.")
      fresh = path(Leftovers.name(name, "new"))
      flags = File::WRONLY | File::CREAT | File::EXCL | File::NOFOLLOW
      File.open(fresh, flags, 0o600, encoding: Encoding::UTF_8) do |file|
        yield file
        file.fsync # without this, a crash right after the rename could leave an empty file
      end
      File.rename(fresh, path(name))
    ensure
      FileUtils.rm_f(fresh) if fresh # incomplete, perhaps interrupted; a complete one is renamed
    end

    # Creates the folder unless it exists.
    # @return [void]
    # @raise [SystemCallError]
    def make
      FileUtils.mkdir_p(@path, mode: 0o700)
    end

    # Deletes a file if it exists.
    # @param name [String]
    # @return [void]
    def delete(name)
      FileUtils.rm_f(path(name))
    end

    # Deletes the files that a killed process has left behind, of those whose names begin with the prefix.
    # @param prefix [String]
    # @param except [Array<String>] the names of files to keep
    # @return [void]
    def sweep(prefix, except: [])
      names = Dir.children(@path).select { |name| name.start_with?(prefix) } - except
      names.each { |name| delete(name) if Leftovers.abandoned?(path(name)) }
    rescue Errno::ENOENT
      nil # somebody else was faster
    end
  end
  private_constant :PrivateFolder
end

require_relative "state_folder"
