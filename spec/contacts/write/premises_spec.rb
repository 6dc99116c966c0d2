# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"

# Covers the premises of a change, one at a time: both ways of writing see the same, and say it in the same words.
RSpec.describe "a premise that has moved" do
  include BothWriters

  using_database :postgresql

  let(:user) { User.find_by(first_name: "Ann") }
  let(:other) { User.find_by(first_name: "Bob") }
  let(:address) { user.contact_infos.first }

  def all_words
    both do
      leads "Lead", foreign_key: :salesforce_lead_id
      claim = CrmSync::Contacts::Key::Tier.new(:school_issued, :contacts, "here", :contact_infos)
      declaration.keys.last.tiers << claim
      link_when :activated
      attribute :faculty_status, from: "Faculty_Verified__c",
                                 map: { "Confirmed" => :confirmed_faculty, nil => :no_faculty_info }
      lead_status(from: "Status", trust: :verified, scope: :legacy) do
        otherwise set: { faculty_status: :pending_faculty }
      end
      unmatched set: { faculty_status: :incomplete_signup }, scope: :legacy
    end
  end

  # The reasons for a change of Ann: { reason => the world in which she has it }.
  worlds = {
    link: -> { [create(email: "ann@b.edu"), contact("ann@b.edu", faculty: "Confirmed")] },
    claim: -> { [create(email: "ann@b.edu", verified: false, is_school_issued: true), contact("ann@b.edu")] },
    relink: -> { [create(email: "ann@b.edu", salesforce_contact_id: salesforce_id("003")), contact("ann@b.edu")] },
    follow: lambda {
      winner = contact("new@b.edu")
      loser = contact("old@b.edu", "IsDeleted" => true, "MasterRecordId" => winner["Id"])
      [create(state: "temp", salesforce_contact_id: loser["Id"]), winner, loser]
    },
    convert: lambda {
      became = contact("x@b.edu")
      made = lead(nil, "ConvertedContactId" => became["Id"])
      [create(salesforce_lead_id: made["Id"]), became, made]
    },
    update: lambda {
              contact("x@b.edu", faculty: "Confirmed").then do |one|
                [create(salesforce_contact_id: one["Id"]), one]
              end
            },
    unlink: -> { [create(salesforce_contact_id: salesforce_id("003")), contact("x@b.edu")] },
    lead: -> { [create(email: "ann@b.edu"), contact("x@b.edu"), lead("ann@b.edu")] },
    sweep: -> { [create, contact("x@b.edu")] }
  }

  def create(**columns)
    create_user(first_name: "Ann", **columns)
    nil
  end

  # Bob has a change of his own, which nothing keeps from being written.
  def build(world)
    bob = contact("bob@b.edu", faculty: "Confirmed")
    create_user(first_name: "Bob", email: "bob@b.edu", is_newflow: true)
    salesforce_has bob, *instance_exec(&world).compact
  end

  {
    "the record is gone" => [worlds.keys, -> { user.delete }, "it is gone"],
    "another contact is linked" => [worlds.keys, lambda {
                                                   user.update_columns(salesforce_contact_id: salesforce_id("003"))
                                                 },
                                    "its contact is another one"],
    "the contact has been taken away" => [%i[relink follow update unlink],
                                          -> { user.update_columns(salesforce_contact_id: nil) },
                                          "its contact is another one"],
    "a written column has changed" => [%i[link update lead sweep],
                                       -> { user.update_columns(faculty_status: :rejected_by_sheerid) },
                                       "faculty_status has changed"],
    "another column has changed" => [worlds.keys, -> { user.update_columns(last_name: "Lee") }, nil],
    "the address is gone" => [%i[link claim relink lead], -> { address.delete }, "its address is no longer trusted"],
    "the address is another one" => [%i[link claim relink lead], -> { address.update_columns(value: "nn@b.edu") },
                                     "its address is no longer trusted"],
    "the address is a look-alike" => [%i[link claim relink lead], -> { address.update_columns(value: "ànn@b.edu") },
                                      "its address is no longer trusted"],
    "the address is not trusted any more" => [
      %i[link claim relink lead], -> { address.update_columns(verified: false, is_school_issued: false) },
      "its address is no longer trusted"
    ],
    "the address is only claimed" => [%i[link relink lead],
                                      -> { address.update_columns(verified: false, is_school_issued: true) },
                                      "its address is no longer trusted"],
    "the claimed address has been verified, too" => [[:claim], -> { address.update_columns(verified: true) }, nil],
    "the address has moved to somebody else" => [%i[link claim relink lead],
                                                 -> { address.update_columns(user_id: other.id) },
                                                 "its address is no longer trusted"],
    "the address is spelled otherwise" => [%i[link claim relink lead],
                                           -> { address.update_columns(value: "\u00a0ANN@B.edu\n") }, nil],
    "somebody has proved to have the claimed address" => [[:claim], -> { create_email(other, "Ann@b.edu") },
                                                          "its address is another's by stronger trust"],
    "somebody claims the address, too" => [
      %i[link claim relink lead], -> { create_email(other, "ann@b.edu", verified: false, is_school_issued: true) }, nil
    ],
    "somebody has proved to have the verified address, too" => [%i[link relink lead],
                                                                -> { create_email(other, "ann@b.edu") }, nil],
    "the stored lead is another one" => [[:convert],
                                         -> { user.update_columns(salesforce_lead_id: salesforce_id("00Q")) },
                                         "its salesforce_lead_id is another one"],
    "the stored lead is gone" => [[:convert], -> { user.update_columns(salesforce_lead_id: nil) },
                                  "its salesforce_lead_id is another one"],
    "the stored lead is spelled otherwise" => [[:convert], lambda {
      user.update_columns(salesforce_lead_id: user.salesforce_lead_id.first(15))
    }, nil],
    "the user may not be linked any more" => [%i[link claim convert], -> { user.update_columns(state: "temp") },
                                              "it is no longer activated"],
    "who was linked may not be linked anew" => [%i[relink follow], -> { user.update_columns(state: "temp") }, nil],
    "the user has left the scope" => [%i[lead sweep], -> { user.update_columns(is_newflow: true) },
                                      "it is no longer legacy"],
    "the user has left a scope that does not matter" => [
      %i[follow update unlink], -> { user.update_columns(state: "unverified", is_newflow: true) }, nil
    ],
    "the contact is somebody else's" => [
      %i[link claim relink follow convert], -> { create_user(salesforce_contact_id: @change.contact_id) },
      "the contact is another's by now"
    ],
    "the contact is somebody else's, by its short id" => [
      %i[link claim relink follow convert], -> { create_user(salesforce_contact_id: @change.contact_id.first(15)) },
      "the contact is another's by now"
    ]
  }.each do |move, (kinds, by_another_hand, word)|
    kinds.each do |kind|
      it "#{word ? "keeps" : "does not keep"} a change from being written: #{move} (#{kind})" do
        build(worlds.fetch(kind))
        results = write_both(all_words) do |plan|
          @change = plan.changes.find { |change| change.key == user.id } or raise "no change"
          expect(@change.action).to eq({ claim: :link, convert: :link, follow: :relink }.fetch(kind, kind))
          instance_exec(&by_another_hand)
        end
        expect(results[:set_based]).to eq(results[:records])
        expect(results[:records][:stale]).to eq(word ? [[@change.key, word]] : [])
        expect(results[:records][:applied].map { |one| one.first(2) }).to include([other.id, :link])
      end
    end
  end

  # Has the lock on Ann that a plan waits for, and does something else before it lets go.
  def while_waited_for(&by_another_hand)
    holding = Queue.new
    other = job do |connection|
      connection.transaction do
        User.lock.find(user.id)
        holding << true
        eventually { connection.select_value("SELECT COUNT(*) FROM pg_locks WHERE NOT granted").positive? }
        by_another_hand.call
      end
    end
    holding.pop
    other
  end

  BothWriters::WAYS.each do |way|
    it "keeps a change from being written that waited for the row meanwhile (#{way})" do
      build(worlds.fetch(:link))
      plan = all_words.fetch(way).plan
      change = plan.changes.find { |one| one.key == user.id }
      bystander = create_user
      waited_for = while_waited_for { bystander.update_columns(salesforce_contact_id: change.contact_id) }
      run = plan.apply(allow: BothWriters::ALL)
      waited_for.join
      expect(run.stale.transform_keys(&:key)).to eq(user.id => "the contact is another's by now")
      expect(User.where(salesforce_contact_id: change.contact_id).ids).to eq([bystander.id])
    end
  end
end
