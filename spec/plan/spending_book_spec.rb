# frozen_string_literal: true

require_relative "../spec_helper"
require "crm_sync"

RSpec.describe CrmSync::SpendingBook do
  include Scratch

  before { CrmSync.configuration.state_dir = File.join(scratch, "state") }
  after { CrmSync.configuration.state_dir = nil }

  let(:changes) { (1..5).map { |key| change(key) } }

  def change(key, budgets = [:unlink])
    CrmSync::Change.new(action: :unlink, key:, before: {}, after: {}, reason: "gone", budgets:)
  end

  # Opens the book as another process would.
  def book
    described_class.new(CrmSync::State::Folder.new("TeacherSync", nil), "example.my.salesforce.com")
  end

  def run(planned, whole: true, **outcome)
    book.spend(planned, planned, whole:) { { applied: planned, **outcome } }
  end

  # A run that ends before anybody hears what it did.
  def killed(planned, whole: true)
    catch(:killed) { book.spend(planned, planned, whole:) { throw :killed } }
  end

  def spent(planned)
    book.spending(planned).of(:unlink)
  end

  describe "after a run that came to no end" do
    before { killed(changes) }

    it "lets only a plan for everybody tell what was done" do
      run(changes.drop(3))
      expect(spent([])).to eq(5)
      expect(spent(changes)).to eq(5)
    end

    it "burns no budget with a run for a few" do
      run([change(9)], whole: false)
      expect(spent(changes)).to eq(1)
    end

    it "burns no budget with an undo, which has none" do
      run([change(1, [])], whole: false)
      expect(spent(changes)).to eq(0)
    end

    it "counts once what a run for a few does of it" do
      run(changes.first(2), whole: false)
      expect(spent(changes.drop(2))).to eq(2)
      expect(spent([])).to eq(5)
    end

    it "knows of a run for a few that came to no end either" do
      killed([change(9)], whole: false)
      expect(spent([*changes, change(9)])).to eq(0)
      expect(spent(changes)).to eq(1)
      expect(spent(changes.drop(3))).to eq(4)
    end
  end

  describe "while a run writes" do
    it "loses nothing of a call for a few that begins and ends meanwhile" do
      book.spend(changes, changes, whole: true) do
        run([change(9)], whole: false)
        { applied: changes }
      end
      expect(spent([])).to eq(6)
    end

    it "loses nothing of a run that ends while a call for a few writes" do
      book.spend([change(9)], [change(9)], whole: false) do
        run(changes, whole: false)
        { applied: [change(9)] }
      end
      expect(spent([])).to eq(6)
    end

    it "counts at least once what a call for a few writes when a run begins" do
      book.spend([change(9)], [change(9)], whole: false) do
        run(changes)
        { applied: [change(9)] }
      end
      expect(spent([])).to be_between(6, 7)
    end
  end

  it "takes for spent what was sent and is not known to be refused" do
    run(changes, applied: changes.first(2), unknown: [changes[2]])
    expect(spent([])).to eq(3)
  end
end
