# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"
require "support/ended_sessions"
require "support/partner_world"

# Sessions that are ended while nothing happens in them: by a timeout of the server, a pooler, or an administrator.
RSpec.describe "a host whose idle sessions are ended" do
  include EndedSessions

  using_database :postgresql

  after { ActiveRecord::Base.connection.verify! }

  describe "an organization sync" do
    include PartnerWorld

    it "takes the lock anew before the first write" do
      partners([account(1)], [])
      allow_any_instance_of(CrmSync::Organizations::Gathering).to receive(:tables).and_wrap_original do |tables, *args|
        tables.call(*args).tap { end_session }
      end
      expect(PartnerSync.call.applied.map(&:action)).to eq([:create])
    end
  end

  describe "a contact sync" do
    include ContactSyncWorld

    let(:syncing) { sync_that { link_when :activated } }
    let!(:user) { create_user(email: "ann@b.edu") }

    before { salesforce_has contact("ann@b.edu") }

    # The block is called when the database has been read, while Salesforce may still be.
    def meanwhile
      allow_any_instance_of(CrmSync::Database::PostgreSQL).to receive(:stream).and_wrap_original do |read, *args, &rows|
        read.call(*args, &rows)
        yield
      end
    end

    def locks
      elsewhere { |connection| connection.select_value("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory'") }
    end

    it "takes the lock anew before the first write" do
      meanwhile { end_session }
      expect(syncing.call.status).to eq(:applied)
      expect([user.reload.salesforce_contact_id, locks]).to match([String, 0])
    end

    it "plans, which takes no lock, and explains" do
      meanwhile { end_session }
      expect(syncing.plan.changes.size).to eq(1)
      expect(syncing.explain(user)).to include("planned: link")
    end

    it "reads those who are needed over a new session" do
      stub_const("CrmSync::Contacts::Need::FEW", -1)
      stub_const("CrmSync::Contacts::Need::SHARE", 1_000)
      allow_any_instance_of(CrmSync::Native::ContactSession).to(
        receive(:wanted_values).and_wrap_original { |wanted, *args| wanted.call(*args).tap { end_session } }
      )
      expect(syncing.plan.changes.size).to eq(1)
    end

    it "writes nothing where another run has begun meanwhile, and is skipped" do
      number = CrmSync::Lock.for(syncing.name, User).instance_variable_get(:@place).instance_variable_get(:@number)
      other = Queue.new
      holder = nil
      meanwhile do
        end_session
        held = Queue.new
        holder = Thread.new do
          ActiveRecord::Base.connection_pool.with_connection do |connection|
            connection.execute("SELECT pg_advisory_lock(#{number})")
            held.push(true)
            other.pop
            connection.execute("SELECT pg_advisory_unlock(#{number})")
          end
        end
        held.pop
      end
      run = syncing.call
      expect(run.to_s).to match(/\Askipped: .* another run of this sync is under way \(session \d+ of PostgreSQL/)
      expect(user.reload.salesforce_contact_id).to be_nil
      other.push(true)
      holder.join
      expect(syncing.runs.map(&:status)).to eq([])
    ensure
      other.push(true)
      holder&.join
    end

    it "hides nothing where a transaction of the host's is lost with the session, and leaves that to Rails" do
      meanwhile { end_session }
      calling = lambda do
        syncing.call
      ensure
        @closed_by_us = CrmSync::Database::Driver.raw(User.connection).finished?
      end
      expect { ActiveRecord::Base.transaction { calling.call } }.to raise_error(ActiveRecord::ActiveRecordError)
      expect([@closed_by_us, user.reload.salesforce_contact_id]).to eq([false, nil])
    end

    it "has no limits for idle sessions while it reads, and the host's own afterwards" do
      names = %w[idle_session_timeout idle_in_transaction_session_timeout]
      names.each { |name| ActiveRecord::Base.connection.execute("SET #{name} = '7min'") }
      seen = nil
      meanwhile { seen = names.map { |name| value("SHOW #{name}") } }
      expect(syncing.call.status).to eq(:applied)
      expect([seen, names.map { |name| value("SHOW #{name}") }]).to eq([%w[0 0], %w[7min 7min]])
    ensure
      names.each { |name| ActiveRecord::Base.connection.execute("RESET #{name}") }
    end
  end
end
