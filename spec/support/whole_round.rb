# frozen_string_literal: true

# Takes a host through all that a sync does, with the rows that are there when the example begins. The group says
#
#   sync        the class
#   people      the model
#   stored      the values that a run may write of all people, in some order that stays
#   expected    the same after a run
RSpec.shared_examples "a whole round" do
  def undo(run)
    undone = run.undo!
    expect([undone.applied.size, undone.errors, undone.stale]).to eq([run.applied.size, [], {}])
  end

  # Thaws what was undone, which would be left alone otherwise, and plans it anew for another process.
  def apply_from_file(changed)
    changed.each { |change| sync.thaw(people.find(change.key)) }
    file = File.join(scratch, "round.plan")
    sync.plan.save(file)
    CrmSync::Plan.load(file).apply
  end

  it "plans, applies, has nothing more to do, explains, undoes, and applies a plan from a file" do
    before = stored
    plan = sync.plan
    expect([plan.empty?, stored]).to eq([false, before])
    run = sync.call
    expect(run).to have_attributes(status: :applied, errors: [], stale: {})
    expect(stored).to eq(expected)
    expect([sync.plan.empty?, sync.call.status]).to eq([true, :unchanged])
    run.applied.each do |change|
      expect(sync.explain(people.find(change.key))).to include("user #{change.key}", change.contact_id || change.reason)
    end
    undo(run)
    expect([stored, sync.plan.empty?]).to eq([before, true])
    expect(apply_from_file(run.applied)).to have_attributes(status: :applied, errors: [], stale: {})
    expect(stored).to eq(expected)
  end
end
