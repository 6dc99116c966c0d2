# frozen_string_literal: true

require "rails_helper"

# Settings for the transactions of a while.
RSpec.describe CrmSync::Database::Limits do
  using_database :postgresql

  let(:connection) { ActiveRecord::Base.connection }

  def setting(name) = connection.select_value("SELECT current_setting('#{name}')")

  # Returns the limit of waiting that a transaction has, if the session has this one.
  def limit(own, wanted)
    connection.execute("SET lock_timeout = '#{own}'")
    described_class.new(connection, wanted).during do
      CrmSync::Database.transaction(connection) { setting(:lock_timeout) }
    end
  ensure
    connection.execute("RESET lock_timeout")
  end

  it "keeps a shorter limit of the host's own, in whichever unit that is" do
    expect([limit("0", 1_000), limit("20ms", 1_000), limit("1min", 1_000), limit("2d", 30_000), limit("1h", 30_000)])
      .to eq(%w[1s 20ms 1s 30s 30s])
  end

  it "is gone with the transaction, and with the block" do
    seen = described_class.new(connection, 1_000).during do
      CrmSync::Database.transaction(connection) { nil }
      [setting(:lock_timeout), described_class.of(connection).class]
    end
    expect([*seen, described_class.of(connection)]).to eq(["0", described_class, nil])
  end

  it "is that of its own thread and connection" do
    described_class.new(connection, 1_000).during do
      expect(job { described_class.of(ActiveRecord::Base.connection) }.value).to be_nil
      expect(described_class.of(Object.new)).to be_nil
    end
  end

  it "gives the limits around it back" do
    outer, inner = [1_000, 2_000].map { |wait| described_class.new(connection, wait) }
    seen = outer.during { [inner.during { described_class.of(connection) }, described_class.of(connection)] }
    expect(seen).to eq([inner, outer])
  end

  it "reopens a connection whose session has been ended while it was idle" do
    described_class.new(connection, 1_000).during do
      ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity " \
               "WHERE pid <> pg_backend_pid() AND datname = current_database()"
      job { ActiveRecord::Base.connection.execute(ending) }.value
      expect(CrmSync::Database.transaction(connection) { setting(:lock_timeout) }).to eq("1s")
    end
  end
end
