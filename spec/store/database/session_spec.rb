# frozen_string_literal: true

require "rails_helper"

# Settings of a PostgreSQL session for a while.
RSpec.describe CrmSync::Database::Session do
  using_database :postgresql

  let(:connection) { ActiveRecord::Base.connection }
  let(:session) { described_class.new(connection) }

  def setting(name) = connection.select_value("SELECT current_setting('#{name}')")

  def in_transaction
    ActiveRecord::Base.transaction do
      connection.execute("SET LOCAL random_page_cost = 3; SET LOCAL seq_page_cost = 0.5")
      yield
      raise ActiveRecord::Rollback
    end
  end

  it "has rows that are in memory cost no more out of turn than in turn" do
    in_transaction do
      expect(session.in_memory { setting(:random_page_cost) }).to eq("0.5")
      expect(setting(:random_page_cost)).to eq("3")
    end
  end

  it "leaves the setting as it was in a transaction that goes on after a failure" do
    in_transaction do
      failing = -> { session.in_memory { connection.execute("SELECT 1 / 0") } }
      expect { ActiveRecord::Base.transaction(requires_new: true) { failing.call } }
        .to raise_error(ActiveRecord::StatementInvalid)
      expect(setting(:random_page_cost)).to eq("3")
    end
  end

  # Runs the block while the session has the lock of a run, and so the settings are the session's.
  def with_lock(&) = CrmSync::Lock.for("SessionSync", User).hold(held: nil, &)

  it "leaves every setting as it was, whichever statement an interrupt comes behind" do
    names = %w[lock_timeout jit idle_in_transaction_session_timeout]
    before = names.map { |name| setting(name) }
    (1..3).each do |wanted|
      with_lock do
        number = 0
        allow(connection).to receive(:select_rows).and_wrap_original do |asking, *args|
          asking.call(*args).tap { raise Interrupt if (number += 1) == wanted }
        end
        expect { session.patient(1.0) { raise Interrupt } }.to raise_error(Interrupt)
        allow(connection).to receive(:select_rows).and_call_original
      end
      expect(names.map { |name| setting(name) }).to eq(before)
    end
  end

  it "compiles no statements while somebody is patient, and does so again afterwards" do
    connection.execute("SET jit = on")
    expect(with_lock { session.patient(1.0) { setting(:jit) } }).to eq("off")
    expect(setting(:jit)).to eq("on")
  ensure
    connection.execute("RESET jit")
  end

  it "changes nothing in a session that has no lock of a run, but in its transactions" do
    session.patient(1.0) do
      expect([setting(:lock_timeout), setting(:jit)]).to eq(%w[0 on])
      expect(session.limited { [setting(:lock_timeout), setting(:jit)] }).to eq(%w[1s off])
      session.lock_wait = 0.5
      expect(CrmSync::Database.transaction(connection) { setting(:lock_timeout) }).to eq("500ms")
    end
    expect(session.limited { setting(:lock_timeout) }).to eq("0")
  end

  it "sets its limit within a transaction of the host's for the rest of that" do
    session.patient(1.0) do
      ActiveRecord::Base.transaction { expect(session.limited { setting(:lock_timeout) }).to eq("0") }
    end
    in_transaction { expect(session.patient(1.0) { setting(:lock_timeout) }).to eq("1s") }
  end
end
