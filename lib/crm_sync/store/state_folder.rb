# frozen_string_literal: true

require "fileutils"

module CrmSync
  # The folder for state: our own below one that is there, perhaps for others too. Anybody who may write beside it could
  # put something else in its place, so it is looked at before each use, and refused unless it is ours alone.
  class StateFolder < PrivateFolder
    # Its name, below the folder that is configured.
    NAME = "crm_sync"
    private_constant :NAME

    # @return [CrmSync::StateFolder] below the folder that is configured, else below Rails' +tmp+, else in the home
    def self.current
      new(CrmSync.configuration.state_dir || rails || home)
    end

    def self.home
      Utf8.variable("XDG_STATE_HOME") || File.join(Dir.home, ".local/state")
    rescue ArgumentError # neither HOME is set nor the user known
      raise ConfigurationError, "there is no home folder for what must be remembered between runs; set state_dir " \
                                "in CrmSync.configure, or CRM_SYNC_STATE_DIR"
    end

    def self.rails
      return unless defined?(Rails) && Rails.respond_to?(:application) && Rails.application

      Rails.application.config.paths["tmp"].expanded.first
    end
    private_class_method :home, :rails

    # @param parent [String, Pathname] the folder in which it is made
    def initialize(parent)
      super(File.join(parent.to_s, NAME))
      @parent = parent.to_s
    end

    # (see PrivateFolder#open)
    # @raise [CrmSync::ConfigurationError] when the folder is not ours alone
    def open(name, flags = File::RDONLY, &)
      check
      super
    end

    # Makes the folder, where it is not there.
    # @return [void]
    # @raise [SystemCallError]
    # @raise [CrmSync::ConfigurationError] when what is there is not ours alone
    def make
      FileUtils.mkdir_p(@parent, mode: 0o700)
      Dir.mkdir(@path, 0o700)
    rescue Errno::EEXIST
      check
    end

    # Deletes what killed processes were writing.
    # @return [void]
    # @raise [CrmSync::ConfigurationError] when the folder is not ours alone
    def tidy
      check
      unwritten = Dir.children(@path).grep(/\.new\z/)
      unwritten.each { |name| delete(name) if Leftovers.abandoned?(path(name)) }
    rescue Errno::ENOENT
      nil # nothing is kept in files
    end

    private

    def check
      problem = problem(File.lstat(@path))
      return unless problem

      raise ConfigurationError, "#{@path} #{problem}; crm_sync keeps secrets there. Look at it, then delete it or " \
                                "run: chown #{Process.euid} #{@path} && chmod 700 #{@path}, or set state_dir to " \
                                "another folder"
    rescue Errno::ENOENT
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
