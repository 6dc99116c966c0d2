# frozen_string_literal: true

require_relative "database/postgresql"
require_relative "database/sqlite"

module CrmSync
  # What differs between databases.
  # @api private
  module Database
    # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter]
    # @return [PostgreSQL, SQLite]
    # @raise [CrmSync::ConfigurationError] for any other database
    def self.for(connection)
      case connection.adapter_name
      when /postg/i then PostgreSQL.new(connection)
      when /sqlite/i then SQLite.new(connection)
      else
        raise ConfigurationError, "crm_sync reads PostgreSQL and SQLite, not #{connection.adapter_name}"
      end
    end
  end
end
