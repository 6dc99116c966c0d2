# frozen_string_literal: true

require "rails_helper"
require "support/moving_contacts"

# Covers errors of the host's callbacks behind the commit of an exchange, by a run or by its undo; for all else see
# spec/contacts/write/exchange_spec.rb.
RSpec.describe "users who get each other's contacts, with callbacks that fail after the commit" do
  include MovingContacts

  # The contacts of each, which the run exchanges.
  def exchange(way, model: "User", &more)
    stub_const("PlaceSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model model, foreign_key: :salesforce_contact_id
      sync.match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
      sync.write way
      sync.class_exec(&more) if more
    end
    moves(PlaceSync, users.zip(contacts.rotate).to_h).apply(allow: { relink: 2, effects: 2, contacts: 0 })
  end

  # A record that fails after the commit is saved before it, when nobody can keep its errors apart any more.
  def fail_after_commit
    stub_const("Late", Class.new(CrmSync::StateRow)).after_commit { raise "too late" }
    stub_const("Early", Class.new(CrmSync::StateRow)).before_commit { Late.create!(sync: "Late", name:, value: "{}") }
  end

  def told_and_stored(run)
    links = User.order(:id).pluck(:salesforce_contact_id)
    [run.applied.map(&:key), CrmSync::ChangeRow.where(run_id: run.id).count, links, run.errors.map(&:to_a)]
  end

  let(:contacts) { Array.new(2) { |n| contact("c#{n}@b.edu") } }
  let(:users) { contacts.map { |row| linked_user(row) } }
  let(:ids) { contacts.map { |row| row["Id"] } }
  let(:late) { [nil, "RuntimeError", "too late"] }

  on_each_database do |kind|
    before do
      salesforce_has(*contacts)
      users
      fail_after_commit
    end

    (kind == :postgresql ? %i[records set_based] : %i[records]).each do |way|
      it "does not take for unwritten what was written, with #{way}" do
        run = exchange(way) { after_link { |user, _| Early.create!(sync: "Early", name: user.id, value: "{}") } }
        expect(told_and_stored(run)).to eq([users.map(&:id), 2, ids.rotate, [late]])
      end
    end

    it "does not take for undone what was undone" do
      stub_const("Moody", Class.new(User)).has_many :contact_infos, foreign_key: :user_id
      run = exchange(:records, model: "Moody")
      Moody.after_save { Early.create!(sync: "Early", name: id, value: "{}") }
      expect(told_and_stored(run.undo!)).to eq([users.map(&:id), 2, ids, [late]])
    end
  end
end
