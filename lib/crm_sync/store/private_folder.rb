# frozen_string_literal: true

require "fileutils"
require "securerandom"
require_relative "../errors"
require_relative "leftovers"
require_relative "utf8"

module CrmSync
  # A folder of files that only their owner can read, and that are never followed through links. Their text is UTF-8.
  class PrivateFolder
    # @return [CrmSync::StateFolder] the folder of state
    def self.state
      StateFolder.current
    end

    # @param path [String]
    def initialize(path)
      @path = Utf8.text(path.to_s)
    end

    # @param name [String] of a file in the folder
    # @return [String]
    def path(name)
      File.join(@path, name)
    end

    # @param name [String]
    # @param flags [Integer] of +File+; with +File::CREAT+ the folder is made too
    # @yieldparam file [File] the file, closed at the block's end
    # @return [File, Object] the open file, or what the block gives
    # @raise [SystemCallError] such as +Errno::ENOENT+, and +Errno::ELOOP+ for a link
    def open(name, flags = File::RDONLY, &)
      make if flags.anybits?(File::CREAT)
      # Without NONBLOCK a named pipe in the file's place would hold us up for ever.
      File.open(path(name), flags | File::NOFOLLOW | File::NONBLOCK, 0o600, encoding: Encoding::UTF_8, &)
    end

    # Puts a file in the place of the one that was there, if any: readers see the old one or the new one, whole.
    #
    # @param name [String]
    # @param text [String]
    # @return [void]
    # @raise [SystemCallError]
    def write(name, text)
      replace(name) { |file| file.write(text) }
    end

    # Does the same with what the block writes.
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
        file.fsync # or a crash right after the rename could leave an empty file
      end
      File.rename(fresh, path(name))
    ensure
      FileUtils.rm_f(fresh) if fresh # not written whole, be it for an interrupt; what was has its own name
    end

    # Makes the folder, where it is not there.
    # @return [void]
    # @raise [SystemCallError]
    def make
      FileUtils.mkdir_p(@path, mode: 0o700)
    end

    # Deletes a file, where it is there.
    # @param name [String]
    # @return [void]
    def delete(name)
      FileUtils.rm_f(path(name))
    end

    # Deletes the files whose names begin like this and that a killed process has left.
    # @param prefix [String]
    # @param except [Array<String>] names of those that stay
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
