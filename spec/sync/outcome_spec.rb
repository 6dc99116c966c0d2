# frozen_string_literal: true

require_relative "../spec_helper"
require "crm_sync"

RSpec.describe CrmSync::Internal::Outcome do
  def change(key) = CrmSync::Change.new(action: :link, key:, before: {}, after: {}, reason: "", budgets: [])

  it "counts stale changes as done that somebody else has made, also more than Ruby takes arguments" do
    changes = Array.new(150_000) { |key| change(key) }
    changes.each { |one| subject.settle(one, "its contact is another one") }
    subject.done(changes.drop(1))
    expect([subject.stale.keys, subject.to_h[:done].size]).to eq([[changes.first], changes.size - 1])
  end
end
