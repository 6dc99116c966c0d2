# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers what the log tells of a run that something ends in the middle, against what is stored.
RSpec.describe CrmSync::Contacts::Outcome do
  include ContactSyncWorld

  stop = Class.new(Exception) # rubocop:disable Lint/InheritException -- as an interrupt is none
  before { CrmSync.configuration.logger = Logger.new(@log = StringIO.new) }
  after { CrmSync.configuration.logger = nil }

  def told = @log.string.scan(/interrupted: .*/)

  def stored
    counted = ->(_) { [User.where.not(salesforce_contact_id: nil).count, CrmSync::ChangeRow.count] }
    Thread.new { ActiveRecord::Base.connection_pool.with_connection(&counted) }.value
  end

  def teachers = users_with_contacts("ann", "bob", "cyd")

  def linking(way, **options, &)
    sync_that do
      link_when :activated
      write(way, **options)
      class_exec(&) if block_given?
    end.plan
  end

  # Applies the plan, or calls what undoes a run, and runs the block at the first such statement, before it is sent or
  # when the database has answered.
  def apply_until(moment, plan, sql = /\Acommit/i, &block)
    listener = Class.new { %i[start finish].each { |name| define_method(name) { |*| nil } } }.new
    reached = false
    listener.define_singleton_method(moment) do |*, payload|
      next if reached || !payload[:sql].match?(sql)

      reached = true
      block.call
    end
    ActiveSupport::Notifications.subscribed(listener, "sql.active_record") do
      plan.is_a?(Method) ? plan.call : plan.apply
    end
  end

  context "with an error in a block of the app" do
    using_database :sqlite

    # Runs a sync with a hook that is declared in a file of the app, and returns the error of its record.
    def error_of(hook)
      create_user(email: "ann@b.edu")
      salesforce_has contact("ann@b.edu")
      sync = sync_that { link_when :activated }
      sync.class_eval(hook, Rails.root.join("app/syncs/teacher_sync.rb").to_s, 7)
      sync.call.errors.first.to_s
    end

    it "names its line" do
      expect(error_of("after_link { |_, _| raise 'no mail' }"))
        .to match(%r{\A\d+: no mail, in app/syncs/teacher_sync.rb:7:in .* \(RuntimeError\)\z})
    end

    it "shows no object with its values" do
      expect(error_of("after_link { |user, _| user.nosuch }"))
        .to match(%r{\A\d+: undefined nosuch, in app/syncs/teacher_sync.rb:7:in .* \(NoMethodError\)\z})
    end

    it "names no line where a validation says what is wrong" do
      expect(error_of("after_link { |user| user.errors.add(:base, 'no') && raise(ActiveRecord::RecordInvalid, user) }"))
        .to match(/\A\d+: Validation failed: no \(ActiveRecord::RecordInvalid\)\z/)
    end
  end

  context "with a disk that is full" do
    using_database :postgresql, fresh: true

    before do
      ActiveRecord::Base.connection.execute(<<~SQL)
        CREATE OR REPLACE FUNCTION fill_up() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'No space left' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON crm_sync_changes EXECUTE FUNCTION fill_up();
      SQL
    end

    # Examples without a database of their own may use this one next.
    after { ActiveRecord::Base.connection.execute("DROP TRIGGER full_disk ON crm_sync_changes") }

    %i[records set_based].each do |way|
      it "ends the run instead of trying each record, with write :#{way}" do
        teachers
        plan = linking(way)
        tried = 0
        count = ->(*, payload) { tried += 1 if payload[:sql].match?(/\AINSERT INTO "crm_sync_changes"/) }
        ActiveSupport::Notifications.subscribed(count, "sql.active_record") do
          expect { plan.apply }.to raise_error(ActiveRecord::StatementInvalid, /No space left/)
        end
        expect([tried, stored]).to eq([1, [0, 0]])
      end
    end
  end

  on_each_database do |kind|
    ways = [[:records, {}, 3], [:records, { batch: 1 }, 1], [:set_based, {}, 3]].first(kind == :postgresql ? 3 : 2)
    ways.each do |way, options, count|
      others = "; the others were not written" if count == 1

      context "with write #{way.inspect} #{options}" do
        before { teachers }

        it "counts what is committed when an interrupt comes before Rails knows of it" do
          plan = linking(way, **options)
          expect { apply_until(:finish, plan) { raise stop } }.to raise_error(stop)
          expect([stored, told]).to eq([[count] * 2, ["interrupted: #{count} of 3 changes applied#{others}"]])
        end

        it "counts nothing when an interrupt comes before the COMMIT" do
          plan = linking(way, **options)
          expect { apply_until(:start, plan) { raise stop } }.to raise_error(stop)
          expect([stored, told])
            .to eq([[0, 0], ["interrupted: 0 of 3 changes applied; the others were not written"]])
        end

        it "counts what is committed when a callback ends the run after it" do
          stub_const("Mail", Class.new(ActiveRecord::Base) { self.table_name = "contact_infos" })
          Mail.inheritance_column = nil
          Mail.after_commit { raise Timeout::Error, "enough" }
          plan = linking(way, **options) { after_link { |user, _| Mail.find_by!(user_id: user.id).touch } }
          expect { plan.apply }.to raise_error(Timeout::Error)
          expect([stored, told]).to eq([[count] * 2, ["interrupted: #{count} of 3 changes applied#{others}"]])
        end

        it "tells that all is written when it ends while it writes back" do
          plan = linking(way, **options) { write_back "Fax", with: :first_name, on: :link }
          outbox = /\ASELECT "crm_sync_outbox"."object"/
          expect { apply_until(:start, plan, outbox) { raise stop } }.to raise_error(stop)
          waiting = "all have been tried; write-backs that were not sent wait for the next run"
          expect([stored, told]).to eq([[3, 3], ["interrupted: 3 of 3 changes applied; #{waiting}"]])
        end

        it "counts what an undo has committed" do
          run = linking(way, **options).apply
          expect { apply_until(:finish, run.method(:undo!)) { raise stop } }.to raise_error(stop)
          expect([stored, told]).to eq([[2, 4], ["interrupted: 1 of 3 changes applied; the others were not written"]])
        end

        next unless kind == :postgresql

        it "does not say that nothing is stored where the database has not answered the COMMIT" do
          plan = linking(way, **options)
          session = User.connection.select_value("SELECT pg_backend_pid()")
          expect do
            apply_until(:start, plan) do
              Thread.new do
                ActiveRecord::Base.connection_pool.with_connection do |other|
                  other.execute("SELECT pg_terminate_backend(#{session}, 5000)")
                end
              end.join
            end
          end.to raise_error(ActiveRecord::ActiveRecordError)
          expect(told).to match([/\A.* 0 of 3 changes applied; of #{count} changes? more it is not known/])
        end
      end
    end
  end
end
