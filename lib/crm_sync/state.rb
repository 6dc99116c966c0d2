# frozen_string_literal: true

require "digest"
require "fileutils"
require "json"
require "securerandom"
require "tmpdir"

module CrmSync
  # What must be remembered between runs, such as how many rows came last time: in the app's database where the
  # migration has been run, else in a private folder.
  # @api private
  class State
    # Made by the migration.
    TABLE = "crm_sync_states"

    # @param sync_name [String]
    # @return [State::Table, State::Folder]
    def self.for(sync_name)
      StateRow.connection.table_exists?(TABLE) ? Table.new(sync_name) : Folder.new(sync_name)
    end

    # In the table +crm_sync_states+.
    # @api private
    class Table
      def initialize(sync_name)
        @sync_name = sync_name
      end

      # @return [Hash] what was written, or an empty Hash
      def read(name)
        text = StateRow.where(sync: @sync_name, name:).pick(:value)
        text ? JSON.parse(text) : {}
      end

      # Keeps a Hash under a name.
      def write(name, value)
        now = Time.current
        row = { sync: @sync_name, name:, value: JSON.generate(value), created_at: now, updated_at: now }
        StateRow.upsert(row, unique_by: %i[sync name])
      end
    end

    # In files that only their owner can read, and that are never followed through links.
    # @api private
    class Folder
      def initialize(sync_name)
        @sync_name = sync_name
      end

      # @return [Hash] what was written, or an empty Hash
      def read(name)
        JSON.parse(File.open(path(name), File::RDONLY | File::NOFOLLOW, &:read))
      rescue Errno::ENOENT
        {}
      rescue JSON::ParserError, Errno::ELOOP
        raise ConfigurationError, "#{path(name)} cannot be read as crm_sync's state; look at it, then delete it"
      end

      # Keeps a Hash under a name.
      def write(name, value)
        FileUtils.mkdir_p(folder, mode: 0o700)
        fresh = "#{path(name)}.#{SecureRandom.hex(8)}.new"
        File.open(fresh, File::WRONLY | File::CREAT | File::EXCL | File::NOFOLLOW, 0o600) do |file|
          file.write(JSON.generate(value))
        end
        File.rename(fresh, path(name))
      end

      private

      def path(name)
        File.join(folder,
                  "#{@sync_name.parameterize}-#{Digest::SHA256.hexdigest("#{@sync_name}\0#{name}").first(16)}.json")
      end

      def folder
        CrmSync.configuration.state_dir || rails_folder || File.join(state_home, "crm_sync")
      end

      def state_home
        ENV.fetch("XDG_STATE_HOME") { File.join(Dir.home, ".local/state") }
      end

      def rails_folder
        return unless defined?(Rails) && Rails.respond_to?(:application) && Rails.application

        File.join(Rails.application.config.paths["tmp"].expanded.first, "crm_sync")
      end
    end
  end
end
