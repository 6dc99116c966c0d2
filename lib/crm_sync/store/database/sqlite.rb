# frozen_string_literal: true

require_relative "../lock/file"
require_relative "../lock/memory"
require_relative "busy_timeout"
require_relative "plain_insert"
require_relative "sqlite_catalog"
require_relative "sqlite_search"
require_relative "sqlite_texts"

module CrmSync
  module Database
    # SQLite through the sqlite3 gem.
    class SQLite
      include SQLiteCatalog

      PAGE = 2_000
      # The name of the savepoint that marks a transaction.
      MARK = "crm_sync_mark"
      private_constant :PAGE, :MARK

      def initialize(connection)
        @connection = connection
      end

      # (see BusyTimeout#patient)
      def patient(lock_wait, &)
        BusyTimeout.new(@connection).patient(lock_wait, &)
      end

      # Runs the block: the limits of {#patient} hold outside of transactions as well.
      # @return [Object] the result of the block
      def limited = yield

      # @return [false] because SQLite has no sessions
      def shares_sessions? = false

      # Returns nothing, because SQLite has only one isolation.
      # @return [nil]
      def isolation; end

      # Returns nothing, because a transaction that has read rows which another has changed since cannot write.
      # @return [nil]
      def strict_isolation; end

      # (see BusyTimeout#lock_wait=)
      def lock_wait=(seconds)
        BusyTimeout.new(@connection).lock_wait = seconds
      end

      # @param model [Class]
      # @param file [String] the name of a file for the lock
      # @return [Lock::File, Lock::Memory] the lock that lets only one run of a sync in
      def lock(_sync_name, model, file)
        Lock::File.beside(@connection, file) || Lock::Memory.new(model, file)
      end

      # @return [String, nil] the database's file; nil if it is in memory
      def file
        rows = @connection.select_rows("PRAGMA database_list")
        path = rows.to_h { |_, schema, file| [schema, file] }["main"]
        File.realpath(path) if path.present?
      end

      # @param _model [Class]
      # @return [String] the database
      def place(_model)
        file || ":memory:"
      end

      # Returns nothing, because SQLite has no schemas.
      # @return [nil]
      def schema(_model); end

      # Returns SQL for a text with its length in front: in bytes, because SQLite counts characters only up to a NUL,
      # and cannot count those of a text that is not UTF-8. In a database that stores texts as UTF-16, whose bytes are
      # different, the length is in characters.
      def pack(sql)
        length = utf8? ? "LENGTH(CAST(CAST(#{sql} AS TEXT) AS BLOB)) || ';'" : "LENGTH(CAST(#{sql} AS TEXT)) || ':'"
        "COALESCE(#{length} || CAST(#{sql} AS TEXT), '~')"
      end

      # Returns SQL for a value whose text has no comma.
      def pack_plain(sql)
        "COALESCE(#{sql} || ',', '~')"
      end

      # Reads the only column of a query. Rails 8 begins the transaction without the lock for writing, because it is not
      # joinable.
      #
      # @param sql [String]
      # @param given [Array<String>] JSON arrays of texts for {SQLiteTexts#given}
      # @yieldparam rows [Array<String>]
      def stream(sql, given = [])
        Database.transaction(@connection, joinable: false) do
          prepared(sql) do |statement|
            given.each.with_index(1) { |json, place| statement.bind_param(place, json) }
            statement.each_slice(PAGE) { |rows| yield rows.map(&:first) }
          end
        end
      end

      # @return [SQLiteTexts] builds SQL that tells texts apart
      def texts = SQLiteTexts.new(@connection)

      # Marks the transaction by a savepoint, which is gone when the transaction ends.
      # @return [Array(nil, Boolean, nil)] no session, whether the mark is set, and no schemas
      def mark
        Driver.raw(@connection).execute("SAVEPOINT #{MARK}")
        [nil, true, nil]
      end

      # @return [Array(nil, Boolean, nil)] as in {#mark}, with whether the mark was still there
      def mark_again
        Driver.raw(@connection).execute("RELEASE SAVEPOINT #{MARK}")
        mark
      rescue ::SQLite3::SQLException
        [nil, false, nil]
      end

      # Does nothing: one transaction writes at a time, and one that has read rows that another has changed since cannot
      # write.
      def lock_names(*, **) = nil

      # Inserts rows into one of the gem's own tables.
      #
      # @param model [Class]
      # @param rows [Array<Hash{Symbol => Object}>] at least one, all with the same names
      # @return [void]
      def insert(model, rows)
        PlainInsert.new(model).insert(rows)
      end

      private

      def utf8?
        texts.known?
      end

      # Closes the statement in any case: an open one keeps the database locked until it is garbage-collected.
      def prepared(sql)
        Thread.handle_interrupt(Object => :never) do
          statement = Driver.raw(@connection).prepare(sql)
          Thread.handle_interrupt(Object => :immediate) { yield statement }
        ensure
          begin
            statement&.close
          ensure
            statement.close unless statement.nil? || statement.closed? # a mask does not hold back Ctrl-C
          end
        end
      end
    end
  end
end
