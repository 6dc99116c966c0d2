# frozen_string_literal: true

require "fileutils"

module CrmSync
  # The state folder: a folder of the gem within a parent that may be shared. Whoever may write to the parent could
  # replace the folder, so it is checked before each use, and refused unless it belongs to this user alone.
  class StateFolder < PrivateFolder
    # Its name within the configured parent.
    NAME = "crm_sync"
    private_constant :NAME

    # @return [CrmSync::StateFolder] the folder within the configured parent, else within Rails' +tmp+, else within the
    #   home folder
    def self.current
      new(CrmSync.configuration.state_dir || rails || home)
    end

    def self.home
      Utf8.variable("XDG_STATE_HOME") || File.join(Dir.home, ".local/state")
    rescue ArgumentError # HOME is not set, and the user is unknown
      raise ConfigurationError, "there is no home folder for what must be remembered between runs; set state_dir " \
                                "in CrmSync.configure, or CRM_SYNC_STATE_DIR"
    end

    def self.rails
      return unless defined?(Rails) && Rails.respond_to?(:application) && Rails.application

      Rails.application.config.paths["tmp"].expanded.first
    end
    private_class_method :home, :rails

    # @param parent [String, Pathname] the folder in which it is created
    def initialize(parent)
      super(File.join(parent.to_s, NAME))
      @parent = parent.to_s
    end

    # (see PrivateFolder#open)
    # @raise [CrmSync::ConfigurationError] when the folder does not belong to this user alone
    def open(name, flags = File::RDONLY, &)
      check
      super
    end

    # Creates the folder unless it exists.
    # @return [void]
    # @raise [SystemCallError]
    # @raise [CrmSync::ConfigurationError] when an existing folder does not belong to this user alone
    def make
      FileUtils.mkdir_p(@parent, mode: 0o700)
      Dir.mkdir(@path, 0o700)
    rescue Errno::EEXIST
      check
    end

    # Checks whether files can be created in the folder, and creates nothing.
    # @return [void]
    # @raise [CrmSync::ConfigurationError] when they cannot
    def check_writable
      check
      there = @path
      there = File.dirname(there) until File.exist?(there)
      return if File.directory?(there) && File.writable?(there)

      raise ConfigurationError, "#{@path} cannot be written, which keeps two runs apart and remembers what the next " \
                                "one needs: this process may not create anything in #{there}; give it the " \
                                "permission, or set state_dir to another folder"
    end

    # Deletes the unfinished files of killed processes.
    # @return [void]
    # @raise [CrmSync::ConfigurationError] when the folder does not belong to this user alone
    def tidy
      check
      unwritten = Dir.children(@path).grep(/\.new\z/)
      unwritten.each { |name| delete(name) if Leftovers.abandoned?(path(name)) }
    rescue Errno::ENOENT
      nil # there are no files
    end

    private

    def check
      problem = problem(File.lstat(@path))
      return unless problem

      raise ConfigurationError, "#{@path} #{problem}; crm_sync keeps secrets there. Look at it, then delete it or " \
                                "run: chown #{Process.euid} #{@path} && chmod 700 #{@path}, or set state_dir to " \
                                "another folder"
    rescue Errno::ENOENT, Errno::ENOTDIR
      nil
    end

    def problem(stat)
      return "is a link" if stat.symlink?
      return "is not a folder" unless stat.directory?
      return "belongs to another user (#{stat.uid})" unless stat.owned?

      "can be used by others (its mode is #{(stat.mode & 0o7777).to_s(8)})" if stat.mode.anybits?(0o077)
    end
  end
  private_constant :StateFolder
end
