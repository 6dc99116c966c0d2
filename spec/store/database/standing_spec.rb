# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers what hooks and callbacks of the host's do to our transaction, and what the run tells then.
RSpec.describe CrmSync::Database::Standing do
  include ContactSyncWorld

  # A sync of people whose hook is called with the record's mail, where another one of the host's stands.
  def mail_sync(*way, **options, &hook)
    stub_const("Mail", Class.new(ActiveRecord::Base) { self.table_name = "contact_infos" })
    Mail.inheritance_column = nil
    sync_that do
      link_when :activated
      after_link { |user, _| hook.call(user, Mail.find_by!(user_id: user.id)) }
      write(*way, **options)
    end
  end

  # What the run tells, and what another session sees.
  def told_and_stored(sync)
    run = sync.call
    stored = Thread.new { ActiveRecord::Base.connection_pool.with_connection { stored_keys } }.value
    expect(ActiveRecord::Base.connection.open_transactions).to eq(0)
    [run.applied.map(&:key).sort, stored, run.errors.map { |error| [error.key, error.message] }]
  end

  def stored_keys
    [User.where.not(salesforce_contact_id: nil).order(:id).ids, CrmSync::ChangeRow.pluck(:record_key).map(&:to_i).sort,
     CrmSync::RunRow.last.status]
  end

  def expect_one_failed(sync, words)
    others = [users.first, users.last].map(&:id)
    told = [others, [others, others, "partial"], [[users[1].id, include(words)]]]
    expect(told_and_stored(sync)).to match(told)
  end

  let(:users) { users_with_contacts("ann", "bob", "cyd") }

  on_each_database do |kind|
    ways = [[:records, {}], [:records, { batch: 1 }], [:set_based, {}]].first(kind == :postgresql ? 3 : 2)
    ways.each do |name, options|
      context "with write #{name.inspect} #{options}" do
        it "is the error of a record whose hook leaves a transaction open, in which all others would stay" do
          users
          sync = mail_sync(name, **options) { |user| User.connection.begin_transaction if user.first_name == "bob" }
          expect_one_failed(sync, "left a transaction of its own open")
        end

        it "is the error of a record before whose commit a transaction is left open" do
          users
          sync = mail_sync(name, **options) { |user, mail| mail.touch if user.first_name == "bob" }
          Mail.before_commit { User.connection.begin_transaction(joinable: false) }
          expect_one_failed(sync, "left a transaction of its own open")
        end
      end
    end
  end

  context "with errors of PostgreSQL that are rescued before the commit" do
    using_database :postgresql

    [[:records, {}], [:records, { batch: 1 }], [:set_based, {}]].each do |name, options|
      it "has applied nothing of that transaction with write #{name.inspect} #{options}" do
        users
        sync = mail_sync(name, **options) { |user, mail| mail.touch if user.first_name == "bob" }
        Mail.before_commit do
          User.connection.execute("SELECT nonsense")
        rescue ActiveRecord::StatementInvalid
          nil # and PostgreSQL answers the COMMIT with a ROLLBACK
        end
        expect_one_failed(sync, "its error was rescued")
      end
    end
  end

  context "with a transaction of the host's, and a hook that ends ours" do
    on_each_database do |kind|
      ways = [[:records, {}], [:records, { batch: 1 }], [:set_based, {}]].first(kind == :postgresql ? 3 : 2)
      ways.each do |name, options|
        it "leaves that alone, and keeps nothing of what was not written, with write #{name.inspect} #{options}" do
          users
          sync = mail_sync(name, **options) { |user| user.first_name == "bob" && User.connection.rollback_transaction }
          run = User.transaction do
            sync.call.tap { expect(User.connection.open_transactions).to eq(1) }
          end
          expect(run.errors.map(&:to_a)).to match([[users[1].id, String, /ended the transaction/]])
          others = [users[0].id, users[2].id]
          expect([run.applied.map(&:key), *stored_keys]).to eq([others, others, others, "partial"])
        end
      end
    end
  end
end
