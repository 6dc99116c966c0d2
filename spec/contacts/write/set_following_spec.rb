# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers callbacks of records that hooks save, after the commit of a batch.
RSpec.describe "hooks of write :set_based that save records" do
  include ContactSyncWorld

  using_database :postgresql

  def linking_sync(&hook)
    sync_that do
      link_when :activated
      after_link { |user, _| hook.call(user) }
      write :set_based
    end
  end

  it "has the callbacks of each record run after the commit, whatever those of others raise" do
    called = []
    stub_const("Note", Class.new(CrmSync::StateRow)).after_commit { (called << name) && raise("too late for #{name}") }
    names = %w[ann bob cyd]
    users_with_contacts(*names)
    run = linking_sync { |user| Note.create!(sync: "Note", name: user.first_name, value: "{}") }.call
    expect([run.applied.size, User.where.not(salesforce_contact_id: nil).count, called]).to eq([3, 3, names])
    expect(run.errors.map(&:to_a)).to eq(names.map { |name| [nil, "RuntimeError", "too late for #{name}"] })
  end
end
