# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# What a contact sync keeps of its runs.
RSpec.describe "the history of a contact sync" do
  include ContactSyncWorld

  def runs
    UpdateUserSalesforceInfo.runs
  end

  on_each_database do
    it "has each run with its end, and each change with what stood there before" do
      ann = contact("ann@b.edu", faculty: "Confirmed")
      user = create_user(email: "ann@b.edu")
      salesforce_has ann
      run = sync
      sync
      expect(runs.map(&:status)).to eq(%i[unchanged applied])
      past = runs.last
      expect(past).to have_attributes(id: run.id, sync: "UpdateUserSalesforceInfo", digest: run.plan.digest,
                                      error: nil, undoes: nil, ledger: run.ledger.to_h)
      expect(past.summary).to include(status: "applied", applied: { link: 1 })
      expect(past.finished_at).to be_between(past.started_at, Time.current)
      change = past.changes.first
      expect(change).to have_attributes(key: user.id, run_id: run.id, outcome: :applied,
                                        action: :link, reason: run.applied.first.reason, budgets: [],
                                        before: run.applied.first.before, after: run.applied.first.after)
      expect(change.after).to include(salesforce_contact_id: ann["Id"], faculty_status: "confirmed_faculty")
    end

    it "gives every kind of value back as it was" do
      kinds = { "text" => "é'\"\\ {}", "number" => 7, "price" => BigDecimal("1.50"), "ratio" => 0.1,
                "day" => Date.new(2024, 2, 29), "moment" => Time.utc(2024, 2, 29, 1, 2, 3.456789r), "flag" => false,
                "bytes" => "\xFF\x00".b, "blank" => nil }
      ActiveRecord::Base.connection.create_table(:things) do |t|
        t.string :text
        t.integer :number
        t.decimal :price, precision: 8, scale: 2
        t.float :ratio
        t.date :day
        t.datetime :moment, precision: 6
        t.boolean :flag
        t.binary :bytes
        t.string :blank
      end
      thing = stub_const("Thing", Class.new(ActiveRecord::Base)).create!(kinds).reload
      schema = CrmSync::Contacts::Schema.new(sync_that {}.declaration)
      schema.instance_variable_set(:@model, Thing)
      values = CrmSync::Contacts::PastValues.new(schema)
      columns = kinds.to_h { |name, _| [name.to_sym, thing[name]] }
      back = values.load(JSON.parse(JSON.generate(values.dump(columns))))
      expect(back).to eq(columns)
      expect(kinds.keys.map(&:to_sym)).to all(satisfy { |name| values.same?(name, back[name], thing[name]) })
    ensure
      ActiveRecord::Base.connection.drop_table(:things, if_exists: true)
    end
  end
end
