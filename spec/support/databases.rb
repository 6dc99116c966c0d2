# frozen_string_literal: true

require_relative "postgres"
require_relative "scratch"

# Real databases with the dummy's tables. Nothing is rolled back: what an example commits is there for its other
# threads and child processes, and is deleted before the next example.
#
#   on_each_database do … end             two contexts, "on SQLite" and "on PostgreSQL"
#   using_database :sqlite                this group only on SQLite
#   using_database :sqlite, fresh: true   … and on a database of its own, whose tables it may change
#   using_database :postgresql, encoding: "LATIN1"   … on one of its own in that encoding
module Databases
  NAMES = { sqlite: "SQLite", postgresql: "PostgreSQL" }.freeze

  class << self
    attr_reader :url

    # One database of each kind serves the whole process: making the tables takes longer than most examples.
    def use(kind, fresh: false, **options)
      @urls ||= {}
      own = fresh || options.any?
      url = own ? nil : @urls[kind]
      connect(url || create(kind, **options))
      return if url

      load_schema
      @urls[kind] = @url unless own
    end

    def empty
      connection = ActiveRecord::Base.connection
      tables = connection.tables - [ActiveRecord::Base.schema_migrations_table_name,
                                    ActiveRecord::Base.internal_metadata_table_name]
      connection.transaction do
        tables.each { |table| connection.execute("DELETE FROM #{connection.quote_table_name(table)}") }
      end
    end

    private

    def create(kind, **options)
      case kind
      when :sqlite     then "sqlite3:#{File.join(Scratch.folder, "dummy.sqlite3")}"
      when :postgresql then Postgres.create_database(**options)
      else raise ArgumentError, "no such kind of database: #{kind.inspect}"
      end
    end

    # Models remember the types of their columns, which are not the same on the other kind of database.
    def connect(url)
      return if url == @url

      ActiveRecord::Base.establish_connection(url:, pool: 10, timeout: 5000)
      models.each(&:reset_column_information)
      @url = url
    end

    # Some spec's model may have had a database of its own.
    def models
      ActiveRecord::Base.descendants.reject(&:abstract_class?).select do |model|
        ActiveRecord::Base.connection_handler.retrieve_connection_pool(model.connection_specification_name)
      end
    end

    def load_schema
      ActiveRecord::Migration.verbose = false
      load File.expand_path("../dummy/db/schema.rb", __dir__)
    end
  end

  # For groups.
  module Groups
    def on_each_database(&examples) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it within a block
      NAMES.each do |kind, name|
        context("on #{name}") do
          using_database(kind)
          class_exec(kind, &examples) # rubocop:disable Naming/BlockForwarding
        end
      end
    end

    def using_database(kind, **options)
      before(:context) { Databases.use(kind, **options) }
      before { Databases.empty }
    end

    # A database in which the host has not made our tables, so that a folder keeps what the gem remembers.
    def without_the_migration
      using_database :sqlite, fresh: true
      before do
        CrmSync.configuration.state_dir = File.join(scratch, "state")
        ActiveRecord::Base.connection.drop_table(CrmSync::StateRow.table_name, if_exists: true)
      end
      after { CrmSync.configuration.state_dir = nil }
    end
  end

  # Returns the URL that a child process connects to.
  def database_url
    Databases.url
  end

  RSpec.configure do |config|
    config.include self
    config.extend Groups
    config.after(:suite) { Postgres.stop }
  end
end
