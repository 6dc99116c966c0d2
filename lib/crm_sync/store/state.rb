# frozen_string_literal: true

require "digest"
require "json"
require_relative "file_name"
require_relative "private_folder"

module CrmSync
  # Remembers values between runs, such as the number of rows that came last time: in the app's database if the
  # migration has been run, otherwise in a private folder.
  class State
    # @param declaration [CrmSync::Internal::Declaration] the declaration of the sync
    # @return [State::Table, State::Folder]
    def self.of(declaration)
      self.for(declaration.kept_as, declaration.home)
    end

    # @param sync_name [String]
    # @param model [Class, nil] the model whose database is used if it has the table; otherwise the main database is
    #   tried
    # @return [State::Table, State::Folder]
    def self.for(sync_name, model = nil)
      rows = [StateRow.beside(model), StateRow].find(&:there?) if database?
      rows ? Table.new(sync_name, rows) : Folder.new(sync_name, place(model))
    end

    # @param model [Class, nil]
    # @return [String, nil] the database, and its schema, that the state belongs to; nil without a database
    def self.place(model)
      model ||= (StateRow if database?)
      Database.lease(model) { Database.of(model).place(model) } if model
    end

    # Returns whether there is a database at all: an organization sync also runs without Rails and Active Record. A
    # database that exists and cannot be reached is an error, and no reason to ignore the state in it.
    # @return [Boolean]
    def self.database?
      return false unless defined?(ActiveRecord::Base)

      handler = ActiveRecord::Base.connection_handler
      !handler.retrieve_connection_pool(ActiveRecord::Base.connection_specification_name).nil?
    end

    # @param sync_name [String] the name of a contact sync
    # @raise [CrmSync::ConfigurationError] when Active Record is not loaded, without which there are no models to read
    #   and write
    def self.need_active_record(sync_name)
      return if defined?(ActiveRecord::Base)

      raise ConfigurationError, "#{sync_name}: a contact sync reads and writes a model of Active Record, which is " \
                                "not there; add the gems activerecord and pg or sqlite3 to the Gemfile"
    end

    # Keeps states in the table +crm_sync_states+. Bypasses the query cache, which is on in requests, in jobs and in the
    # runner of Rails 7.2, because other processes write to the table as well. Uses SQL statements, because Rails would
    # first query the columns and indexes.
    class Table
      def initialize(sync_name, rows)
        @sync_name = sync_name
        @rows = rows
      end

      # @return [Hash] the stored value, or an empty Hash
      def read(name)
        read_all([name]).fetch(name, {})
      end

      # @param names [Array<String>]
      # @return [Hash{String => Hash}] the stored values by name
      def read_all(names)
        texts(names).to_h { |name, text| [name, parse(name, text)] }
      end

      # Stores a Hash under a name.
      def write(name, value) = write_all(name => value)

      # Replaces a stored value by the result of the block. Where somebody else has stored another value meanwhile, the
      # block is called again with that.
      # @yieldparam value [Hash] the stored value, or an empty Hash
      # @yieldreturn [Hash]
      def update(name)
        loop do
          text = texts([name])[name]
          return if swap(name, text, JSON.generate(yield(text ? parse(name, text) : {})))
        end
      end

      # Stores several Hashes in one statement.
      # @param values [Hash{String => Hash}] by name
      def write_all(values)
        now = Time.current
        rows = values.map { |name, value| [@sync_name, name, JSON.generate(value), now, now] }
        sql = @rows.sanitize_sql([<<~SQL, *rows])
          INSERT INTO #{@rows.quoted_table_name} (sync, name, value, created_at, updated_at)
          VALUES #{rows.map { "(?)" }.join(", ")} ON CONFLICT (sync, name)
          DO UPDATE SET value = excluded.value, created_at = excluded.created_at, updated_at = excluded.updated_at
        SQL
        upserting { |connection, log_name| connection.exec_query(sql, log_name) }
      end

      # Deletes values that have long been as they are. Those that are kept are looked at again after as long a time.
      # @param prefix [String] the beginning of their names
      # @param before [Time] the time before which they were last written or looked at
      # @param limit [Integer] the number of values
      # @yieldparam names [Array<String>]
      # @yieldreturn [Array<String>] the names of the values to delete
      # @return [void]
      def sweep(prefix, before:, limit:)
        values = @rows.where(sync: @sync_name)
        old = values.where("name LIKE ? AND updated_at < ?", "#{prefix}%", before)
        names = old.order(:id).limit(limit).pluck(:name)
        return if names.empty?

        gone = yield names
        values.where(name: gone).delete_all
        values.where(name: names - gone).update_all(updated_at: Time.current)
      end

      private

      def texts(names)
        sql = "SELECT name, value FROM #{@rows.quoted_table_name} WHERE sync = ? AND name IN (?)"
        sql = @rows.sanitize_sql([sql, @sync_name, names])
        Database.uncached(@rows) { Database.connection(@rows).select_rows(sql, "#{@rows.name} Load") }.to_h
      end

      # Stores a text if the stored one is still +before+, or there is still none if that is nil.
      # @return [Boolean] whether it was
      def swap(name, before, text)
        now = Time.current
        row = [@sync_name, name, text, now, now]
        sql = @rows.sanitize_sql([<<~SQL, row, before])
          INSERT INTO #{@rows.quoted_table_name} AS kept (sync, name, value, created_at, updated_at) VALUES (?)
          ON CONFLICT (sync, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
          WHERE kept.value = ?
        SQL
        upserting { |connection, log_name| connection.update(sql, log_name).positive? }
      end

      def upserting
        Database.lease(@rows) do
          Database.retrying(@rows) { yield Database.connection(@rows), "#{@rows.name} Upsert" }
        end
      end

      def parse(name, text)
        JSON.parse(text)
      rescue JSON::ParserError
        raise ConfigurationError,
              "#{@sync_name}: the row #{name.inspect} of #{@rows.table_name} cannot be read as crm_sync's state; " \
              "look at it, then delete it",
              cause: nil # its message quotes the row
      end
    end
    private_constant :Table

    # Keeps states in a private folder.
    class Folder
      # @param sync_name [String]
      # @param place [String, nil] the database, because several databases may share the folder
      def initialize(sync_name, place)
        @sync_name = sync_name
        @place = place
      end

      # @return [Hash] the stored value, or an empty Hash
      def read(name)
        JSON.parse(folder.open(file(name), &:read))
      rescue Errno::ENOENT
        {}
      rescue JSON::ParserError, Errno::ELOOP
        raise ConfigurationError,
              "#{folder.path(file(name))} cannot be read as crm_sync's state; look at it, then delete it",
              cause: nil # its message quotes the file
      end

      # @param names [Array<String>]
      # @return [Hash{String => Hash}] the stored values by name
      def read_all(names)
        names.to_h { |name| [name, read(name)] }.reject { |_, value| value.empty? }
      end

      # Stores a Hash under a name.
      def write(name, value)
        folder.write(file(name), JSON.generate(value))
      end

      # Replaces a stored value by the result of the block, while nobody else does.
      # @yieldparam (see Table#update)
      # @yieldreturn (see Table#update)
      def update(name)
        folder.open("#{file(name)}.lock", ::File::RDWR | ::File::CREAT) do |lock|
          lock.flock(::File::LOCK_EX)
          write(name, yield(read(name)))
        end
      end

      # Does nothing, because the names of values cannot be told from those of their files.
      def sweep(*, **) = nil

      # Stores several Hashes, one after the other.
      # @param values [Hash{String => Hash}] by name
      def write_all(values)
        values.each { |name, value| write(name, value) }
      end

      private

      def file(name)
        "#{FileName.of(@sync_name)}-#{Digest::SHA256.hexdigest([@sync_name, name, *@place].join("\0")).first(16)}.json"
      end

      def folder
        PrivateFolder.state
      end
    end
    private_constant :Folder
  end
  private_constant :State
end
