# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

# Covers what models, hooks and databases of a host do to each other within a batch.
RSpec.describe "records of a batch, saved one after the other" do
  include HostWorld

  before do
    stub_const("CrmSync::Contacts::RecordBatch::HELD", 60)
    people_table { |t| [t.string(:status), t.string(:name), t.bigint(:mentor_id), t.timestamps(null: true)] }
  end

  # People who fit to contacts. What callbacks see after the commit is in @committed.
  def people(count = 4)
    @committed = committed = []
    Person.belongs_to(:mentor, class_name: "Person", touch: true, optional: true)
    Person.after_commit { committed << [id, status, saved_changes.keys & %w[status name]] }
    salesforce_has(*Array.new(count) { |n| contact("p#{n}@b.edu", "Status__c" => "new") })
    Array.new(count) { |n| person("p#{n}@b.edu") }.each { @committed.clear }
  end

  # A run whose hook does more; the keys of the records whose hooks have run are in @seen.
  def run_with
    @seen = seen = []
    sync = person_sync { attribute :status, from: "Status__c" }
    sync.after_transition(:status) do |person|
      seen << person.id
      yield person if block_given?
    end
    sync.plan.apply(allow: HostWorld::ALL.merge(effects: 999))
  end

  # The keys of the people who have been linked, by the table, the run, and the history.
  def linked(run)
    [Person.where.not(contact: nil).order(:id).ids, run.applied.map(&:key),
     CrmSync::ChangeRow.where(run_id: run.id).pluck(:record_key).map(&:to_i).sort].uniq
  end

  def errors(run) = run.errors.map { |error| [error.key, error.exception] }

  on_each_host_database do |kind|
    it "have their callbacks run after the commit, and for what others did to them before and after" do
      first, second, third = people(3)
      run_with do |person|
        Person.find(third.id).update!(name: "by the first") if person.id == first.id
        Person.find(first.id).update!(name: "by the second") if person.id == second.id
      end
      expect(@committed).to eq([[first.id, "new", %w[status]], [third.id, nil, %w[name]],
                                [second.id, "new", %w[status]], [first.id, "new", %w[name]],
                                [third.id, "new", %w[status]]])
    end

    it "have them run also if others touch them, once for each touch" do
      first, second, third = people(3)
      [first, third].each { |person| person.update_columns(mentor_id: second.id) }
      run_with
      expect(@committed).to eq([[first.id, "new", %w[status]], [second.id, nil, []], [second.id, "new", %w[status]],
                                [third.id, "new", %w[status]], [second.id, "new", []]])
    end

    it "have them run once if their own hook saves them again, and not if it fails" do
      first, second, third = people(3)
      run = run_with do |person|
        Person.find(first.id).update!(name: "again") if person.id == first.id
        raise "not this one" if person.id == second.id

        person.update!(name: "again")
      end
      expect(@committed.map(&:first)).to eq([first.id, third.id]).and eq(linked(run).flatten)
    end

    it "are all left as they were when a deadline of the host's ends a hook, whatever it has done" do
      first, = people
      ended = -> { run_with { |person| end_late(person) } }
      expect(&ended).to raise_error(Timeout::Error, "enough")
      expect([@seen, Person.where.not(contact: nil).count, CrmSync::ChangeRow.count]).to eq([[first.id], 0, 0])
    end

    def end_late(person)
      Person.where(id: person.id).update_all(status: "past the model")
      raise Timeout::Error, "enough"
    end

    it "are written one by one if the transaction is ended by the hook of one, which is its error" do
      first, second, *others = people
      run = run_with { |person| Person.connection.execute("ROLLBACK") if person.id == second.id }
      expect(errors(run)).to eq([[second.id, "ActiveRecord::TransactionRollbackError"]])
      expect(linked(run)).to eq([[first, *others].map(&:id)])
    end

    next unless kind == :sqlite

    it "are written one by one if the transaction is ended by a trigger, which is the error of that one" do
      first, second, *others = people
      Person.connection.execute("CREATE TRIGGER strict BEFORE UPDATE ON people WHEN NEW.id = #{second.id} " \
                                "BEGIN SELECT RAISE(ROLLBACK, 'not this one'); END")
      run = run_with
      expect(errors(run)).to eq([[second.id, "ActiveRecord::StatementInvalid"]])
      expect(linked(run)).to eq([[first, *others].map(&:id)])
    end

    it "are written one by one if the transaction is ended by a constraint that a hook breaks" do
      first, second, *others = people
      Person.connection.execute("CREATE TABLE marks (person_id INTEGER UNIQUE ON CONFLICT ROLLBACK)")
      Person.connection.execute("INSERT INTO marks VALUES (#{second.id})")
      run = run_with { |person| Person.connection.execute("INSERT INTO marks VALUES (#{person.id})") }
      expect(errors(run)).to eq([[second.id, "ActiveRecord::RecordNotUnique"]])
      expect(linked(run)).to eq([[first, *others].map(&:id)])
    end
  end
end
