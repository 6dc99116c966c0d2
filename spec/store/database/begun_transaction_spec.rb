# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers statements of hooks, past Rails, that end the transaction of a batch or lead it elsewhere.
RSpec.describe CrmSync::Database::BegunTransaction do
  include ContactSyncWorld

  # Runs a sync with a hook that sends these statements when it is Bob's turn, and may raise an error then.
  def run(way, options, *statements, error: nil)
    users
    sync = sync_that do
      link_when :activated
      after_link do |user, _|
        next if user.first_name != "bob"

        statements.each { |sql| User.connection.execute(sql) }
        raise error if error
      end
      write_back "Fax", with: :first_name, on: :link
      write(way, **options)
    end
    sync.call(allow: { effects: 99 })
  end

  def execute(*statements) = statements.each { |sql| User.connection.execute(sql) }

  # The keys of the records that are applied, stored, in the history, and written back.
  def books(run)
    sent = writes_to(salesforce, answered: true).map { |_, fields| User.find_by!(first_name: fields["Fax"]).id }
    Thread.new { ActiveRecord::Base.connection_pool.with_connection { [*stored, sent.sort] } }.value
          .unshift(run.applied.map(&:key).sort)
  end

  def stored
    [User.where.not(salesforce_contact_id: nil).order(:id).ids, CrmSync::ChangeRow.pluck(:record_key).map(&:to_i).sort]
  end

  let(:users) { users_with_contacts("ann", "bob", "cyd") }

  on_each_database do |kind|
    ways = [[:records, {}], [:records, { batch: 1 }], [:set_based, {}]].first(kind == :postgresql ? 3 : 2)
    ways.each do |way, options|
      context "with write #{way.inspect} #{options}" do
        [%w[ROLLBACK], %w[ROLLBACK BEGIN]].each do |statements|
          it "has applied all but the record whose hook sends #{statements.join(" and ")}" do
            run = run(way, options, *statements)
            others = [users.first, users.last].map(&:id)
            expect(books(run)).to eq([others] * 4)
            expect(run.errors.map(&:to_a)).to match([[users[1].id, String, /ended the transaction/]])
          end
        end

        it "raises where it was a transaction of the host's, whose own work is lost with it" do
          lost = ActiveRecord::StatementInvalid
          expect { User.transaction { run(way, options, "ROLLBACK", "BEGIN") } }.to raise_error(lost)
          expect([stored, User.connection.open_transactions]).to eq([[[], []], 0])
        end

        [%w[COMMIT], %w[COMMIT BEGIN]].product([nil, "oops"]).each do |statements, error|
          it "keeps in all books what a hook has stored with #{[*statements, *error].join(" and ")}, and tells of it" do
            run = run(way, options, *statements, error:)
            expect(books(run)).to eq([users.map(&:id)] * 4)
            expect(run.errors.map(&:to_a)).to match([[nil, String, /#{error}.*stays: users? .*\b#{users[1].id}\b/]])
          end
        end
      end
    end
  end

  describe "while a statement is running that was interrupted" do
    using_database :postgresql

    it "does not count as ended" do
      User.transaction do
        begun = described_class.new(User.connection)
        raw = User.connection.raw_connection
        raw.send_query("SELECT pg_sleep(0.1)")
        expect([begun.kept?, begun.gone?]).to eq([true, nil])
        raw.get_last_result
        expect { begun.check }.not_to raise_error
      end
    end
  end

  context "with schemas of tenants" do
    using_database :postgresql

    before { execute("CREATE SCHEMA lima", "CREATE TABLE lima.users (LIKE public.users INCLUDING ALL)") }
    after { execute("RESET search_path", "DROP SCHEMA lima CASCADE") }

    [[:records, {}], [:records, { batch: 1 }], [:set_based, {}]].each do |way, options|
      it "refuses a record whose hook leaves the connection in another one, with write #{way.inspect} #{options}" do
        run = run(way, options, "SET search_path TO lima, public")
        expect(books(run)).to eq([[users.first, users.last].map(&:id)] * 4)
        expect(run.errors.map(&:to_a)).to match([[users[1].id, String, /other schemas.*{lima,public}/]])
        expect(run.stale).to eq({})
      end

      it "lets a hook come back from there, with write #{way.inspect} #{options}" do
        run = run(way, options, "SET search_path TO lima", "SET search_path TO \"$user\", public")
        expect([books(run), run.errors]).to eq([[users.map(&:id)] * 4, []])
      end
    end
  end
end
