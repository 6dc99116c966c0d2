# frozen_string_literal: true

require "active_support/core_ext/array/conversions"
require_relative "database/begun_transaction"
require_relative "database/pooler"
require_relative "database/postgresql"
require_relative "database/sqlite"
require_relative "database/standing"
require_relative "database/transactions"
require_relative "database/unlogged"

module CrmSync
  # The differences between the databases.
  module Database
    extend Transactions

    # The databases, by a part of the adapter's name in config/database.yml and of connections.
    ADAPTERS = { /postg/i => PostgreSQL, /sqlite/i => SQLite }.freeze
    private_constant :ADAPTERS

    # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
    # @return [PostgreSQL, SQLite]
    # @raise [CrmSync::ConfigurationError] for any other database
    def self.for(connection)
      adapter = connection.adapter_name
      problem = problem(adapter)
      raise ConfigurationError, problem if problem

      ADAPTERS.find { |name, _| name.match?(adapter) }.last.new(connection)
    end

    # @param model [Class]
    # @return [PostgreSQL, SQLite] the database of the model
    # @raise (see .for)
    def self.of(model) = self.for(connection(model))

    # Returns the thread's connection to the database of a model. From Rails 7.2 on, an app can disallow +connection+
    # (+permanent_connection_checkout+), which has another name since.
    # @param model [Class]
    # @return [ActiveRecord::ConnectionAdapters::AbstractAdapter]
    def self.connection(model)
      model.respond_to?(:lease_connection) ? model.lease_connection : model.connection
    end

    # Raises an error for a session that was told to have texts in another encoding than the gem's. The values of a
    # model would be other texts than those that are read, and the driver would silently store other characters for
    # those that the encoding lacks.
    # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] a connection that has been used already
    # @return [void]
    # @raise [CrmSync::ConfigurationError]
    def self.check_encoding(connection)
      return unless Driver.pg?(connection)

      encoding = Driver.raw(connection).internal_encoding
      return if [Encoding::UTF_8, Encoding::BINARY].include?(encoding)

      raise ConfigurationError, "the session with the database has texts in #{encoding}; say encoding: unicode in " \
                                "config/database.yml, whatever encoding the database itself has"
    end

    # @param adapter [String] the adapter's name in config/database.yml or of a connection
    # @return [String, nil] the message about a database that crm_sync does not support
    def self.problem(adapter)
      return if ADAPTERS.keys.any? { |name| name.match?(adapter) }

      names = ADAPTERS.values.map { |known| known.name.demodulize }.to_sentence
      "crm_sync works with #{names}, and this database's adapter is #{adapter}. Nothing has been made or written; " \
        "sync a model whose database is one of these"
    end

    # Reconnects a connection whose session has been ended, as can happen while it is idle because Salesforce is read.
    # In a transaction of the host's, which would be lost, it does nothing, so that the loss is not hidden.
    # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
    # @return [void]
    def self.wake(connection)
      connection.verify! unless connection.transaction_open?
    end

    # @param error [StandardError]
    # @return [Boolean] whether somebody else kept a lock for longer than the limit of waiting
    def self.locked?(error)
      error.is_a?(ActiveRecord::LockWaitTimeout) || (error.is_a?(ActiveRecord::StatementInvalid) && busy?(error.cause))
    end

    # Apps on PostgreSQL do not have the gem sqlite3.
    def self.busy?(error)
      defined?(::SQLite3::BusyException) && error.is_a?(::SQLite3::BusyException)
    end
    private_class_method :busy?

    # Runs the block with a connection for a model, which Rails 7.2 and newer lease for the time of the block.
    # Otherwise, the thread would keep the connection that it first used until its request or job ends, and a thread
    # without either for good.
    # @param model [Class]
    def self.lease(model, &)
      pool = model.connection_pool
      leases = pool.respond_to?(:permanent_lease?)
      return yield if !leases || (pool.active_connection? && !pool.permanent_lease?)

      pool.with_connection(prevent_permanent_checkout: true, &)
    end

    # Runs the block with a connection, and without the query cache, so that it reads the current rows. In a web
    # request, in a job and in the runner of Rails 7.2, Rails answers a repeated query from its cache, whatever other
    # processes have written since.
    # @param model [Class, nil] the model whose database is read; nil for the main database, if there is one
    def self.uncached(model, &work) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it in a block
      model ||= ActiveRecord::Base if State.database?
      model ? lease(model) { model.uncached(&work) } : yield # rubocop:disable Naming/BlockForwarding
    end

    # Runs the block, and leaves each connection of this thread in as many transactions as before, however the block
    # ends: even if an interrupt has left it in a transaction that Rails opened, or a hook of the host's has opened one.
    #
    # Nothing that the block reads is from a cache: see {.uncached}. What {.once} looks up is looked up once.
    #
    # @param model [Class, nil] (see .uncached)
    # @param anew [Boolean] whether {.once} looks everything up anew; false for a run that applies the plan that it has
    #   just made
    def self.protect(model, anew: true, &work)
      uncached(model) { restoring { knowing(anew, &work) } }
    end

    # Runs the block, and restores the connections if it does not return.
    def self.restoring(&work) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it in a block
      standings = connections.to_h { |connection| [connection, Standing.new(connection)] }
      Thread.handle_interrupt(Object => :never) do
        result = Thread.handle_interrupt(Object => :immediate, &work) # rubocop:disable Naming/BlockForwarding
        kept = true
        result
      ensure
        begin
          restore(connections, standings) unless kept
        ensure
          restore(connections, standings) unless kept # no mask holds back Ctrl-C, which may have come
        end
      end
    end
    private_class_method :restoring

    # The name under which a thread has the results of {.once}.
    KNOWN = :crm_sync_known
    private_constant :KNOWN

    # Runs the block if it has not been run for the same thing within {.protect} before. What it looks up must not
    # change during a run, such as whether a table exists.
    # @param what [Object] the thing that is looked up
    # @return [Object] the result of the block
    def self.once(what)
      known = Thread.current[KNOWN] or return yield
      known.fetch(what) { known[what] = yield }
    end

    # Returns the schema in which a run began, because a connection that is opened again may lead to another one.
    # @param model [Class]
    # @return (see PostgreSQL#schema)
    def self.first_schema(model)
      once([:schema, model]) { of(model).schema(model) }
    end

    # Runs the block, without earlier results of {.once} if these are to be looked up anew: another tenant's schema may
    # have other tables.
    def self.knowing(anew)
      before = Thread.current[KNOWN]
      Thread.current[KNOWN] = {} if anew
      yield
    ensure
      Thread.current[KNOWN] = before
    end
    private_class_method :knowing

    # @return [Array<ActiveRecord::ConnectionAdapters::AbstractAdapter>] the connections of this thread; none without
    #   Active Record, which an organization sync does not need
    def self.connections
      return [] unless defined?(ActiveRecord::Base)

      handler = ActiveRecord::Base.connection_handler
      all = ActiveRecord.version < Gem::Version.new("7.1")
      pools = all ? handler.all_connection_pools : handler.connection_pool_list(:all)
      pools.filter_map(&:active_connection?)
    end
    private_class_method :connections

    # Restores how connections stood. On a connection that this thread got meanwhile, nothing may be open.
    def self.restore(connections, standings)
      connection, *others = connections
      return unless connection

      (standings[connection] || Standing.new(connection, depth: 0, open: false)).restore
    ensure
      restore(others, standings) if others&.any?
    end
    private_class_method :restore
  end
  private_constant :Database
end
