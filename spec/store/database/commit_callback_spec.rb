# frozen_string_literal: true

require "rails_helper"

# Covers the newer versions of Rails; for 6.1 see spec/contacts/write/record_batch_spec.rb.
RSpec.describe CrmSync::Database::CommitCallback do
  # A transaction of Rails 7.2 and newer, with blocks beside the records.
  let(:transaction) do
    Struct.new(:records) do
      def initialize(records, blocks, runs: true)
        super(records)
        @callbacks = blocks
        @run_commit_callbacks = runs
      end

      def commit_records
        records.each { |record| record.committed!(should_run_callbacks: true) }
        @callbacks&.each(&:after_commit)
      end
    end
  end

  let(:record) do
    Class.new do
      attr_accessor :new_before, :committed

      def committed!(should_run_callbacks:) = (self.committed = should_run_callbacks)
    end
  end

  let(:failing) { Class.new(record) { def committed!(**) = raise("a record") } }
  let(:block) { Struct.new(:called) { def after_commit = (self.called = true) } }
  let(:failing_block) { Class.new(block) { def after_commit = raise("a block") } }

  it "runs records and blocks, whatever others raise, and tells of each error" do
    errors = []
    records = [failing.new, record.new]
    blocks = [failing_block.new, block.new]
    commit = transaction.new(records.dup, blocks.dup)
    described_class.guard(commit) { |error| errors << error.message }
    commit.commit_records
    expect([errors, records.last.committed, blocks.last.called]).to eq([["a record", "a block"], true, true])
  end

  it "ends where the error is raised on" do
    records = [failing.new, record.new]
    commit = transaction.new(records.dup, nil)
    described_class.guard(commit) { |error| raise error }
    expect { commit.commit_records }.to raise_error("a record")
    expect(records.last.committed).to be_nil
  end

  it "is for Rails what the record is, once" do
    one = record.new
    commit = transaction.new([one, one], nil)
    described_class.guard(commit) { nil }
    expect(commit.records.size).to eq(1)
    expect(commit.records.first).to have_attributes(class: record, hash: one.hash)
    expect([commit.records.first.eql?(one), { one => 1 }[commit.records.first]]).to eq([true, 1])
    commit.records.first.new_before = true
    expect(one.new_before).to be(true)
  end

  it "is one of several objects of a record in a part of the transaction, but not across parts" do
    same = Struct.new(:id, :name) { define_method(:eql?) { |other| id == other.id } && define_method(:hash) { id } }
    commit = transaction.new([same.new(1, "first"), same.new(1, "again")], nil)
    described_class.guard(commit) { nil }
    commit.records.push(same.new(1, "later"), same.new(2, "other"))
    2.times { described_class.guard(commit) { nil } }
    expect(commit.records.uniq.map(&:name)).to eq(%w[first later other])
  end

  it "stays the only one of its record if that is touched before the commit" do
    commit = transaction.new([], nil)
    touched = Class.new(record) { define_method(:before_committed!) { commit.records << self } }.new
    commit.records << touched
    described_class.guard(commit) { nil }
    commit.records.uniq.each(&:before_committed!)
    expect(commit.records).to match([an_instance_of(described_class)])
  end

  it "leaves a transaction alone that hands its records on to another one" do
    one = record.new
    commit = transaction.new([one], nil, runs: false)
    described_class.guard(commit) { nil }
    expect(commit.records.first).to equal(one)
  end
end
