# frozen_string_literal: true

require "rails_helper"

# The transactions of the gem.
RSpec.describe CrmSync::Database::Transactions do
  let(:connection) { ActiveRecord::Base.connection }

  context "on PostgreSQL" do
    using_database :postgresql

    def isolation = connection.select_value("SHOW transaction_isolation")

    it "writes where each query reads what has been committed, whatever is usual" do
      connection.execute("SET default_transaction_isolation = 'serializable'")
      expect(CrmSync::Database.writing(connection) { isolation }).to eq("read committed")
      expect(CrmSync::Database.transaction(connection) { isolation }).to eq("serializable")
      expect(isolation).to eq("serializable")
    ensure
      connection.execute("RESET default_transaction_isolation")
    end

    it "leaves a transaction of the host's its isolation" do
      seen = User.transaction(isolation: :repeatable_read) { CrmSync::Database.writing(connection) { isolation } }
      expect(seen).to eq("repeatable read")
    end

    it "executes a statement again that others keep from being serialized, but not in a transaction" do
      tries = 0
      failing = -> { (tries += 1) && raise(ActiveRecord::SerializationFailure) }
      expect(CrmSync::Database.retrying(User) { tries == 2 ? :done : failing.call }).to eq(:done)
      tries = 0
      expect { User.transaction { CrmSync::Database.retrying(User, &failing) } }
        .to raise_error(ActiveRecord::SerializationFailure)
      expect(tries).to eq(1)
      expect { CrmSync::Database.retrying(User, &failing) }.to raise_error(ActiveRecord::SerializationFailure)
    end
  end

  context "on SQLite" do
    using_database :sqlite

    it "writes, as SQLite knows only one isolation" do
      User.transaction { CrmSync::Database.check_isolation(connection) }
      expect(CrmSync::Database.writing(connection) { User.count }).to eq(0)
    end
  end
end
