# frozen_string_literal: true

# A PostgreSQL database whose transactions have another isolation than the usual one, unless they name one.
module Isolation
  def self.included(group)
    group.after { isolate(nil) }
  end

  # @param level [String, nil] such as +"repeatable read"+; nil for the usual one
  def isolate(level)
    connection = ActiveRecord::Base.connection
    name = "default_transaction_isolation"
    value = level ? "SET #{name} = #{connection.quote(level)}" : "RESET #{name}"
    connection.execute("ALTER DATABASE #{connection.quote_table_name(connection.current_database)} #{value}")
    ActiveRecord::Base.connection_pool.disconnect!
  end
end
