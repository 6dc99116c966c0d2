# frozen_string_literal: true

require_relative "both_writers"

# Runs a sync until there is nothing left to do, and looks at who has which contact then.
module Settling
  # Runs twice, and expects that the second run finds nothing to do.
  def settle(sync)
    run = sync.call(allow: BothWriters::ALL)
    expect(run.errors).to eq([])
    expect(sync.plan.changes).to eq([])
    run
  end

  def links(*users)
    users.map { |user| user.reload.salesforce_contact_id }
  end

  def id(record) = record["Id"]
end
