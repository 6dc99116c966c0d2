# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"
require "support/settling"

# The rules for several keys: the uuid is stronger than the reference, and that stronger than addresses.
RSpec.describe "The keys of a contact sync" do
  include BothWriters
  include Settling

  # A sync of three keys, written in this way.
  def keys_sync(way = :records, evidence: false, &declaration)
    stub_const("KeysSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "User", foreign_key: :salesforce_contact_id
      sync.match_by(:uuid, to: "Uuid__c", as: :uuid, evidence:)
      sync.match_by(:support_identifier, to: "Reference__c")
      sync.match_by(:contact_infos, column: :value, to: %w[Email Email_alt__c], leads: "Email") { trust :verified }
      sync.write way
      sync.class_exec(&declaration) if declaration
    end
  end

  # A contact that carries the keys of a user.
  def contact_of(user, email = nil, alternate = nil, uuid: true, reference: false, **fields)
    contact(email, alternate, "Uuid__c" => (user.uuid.upcase if uuid),
                              "Reference__c" => (user.support_identifier if reference), **fields)
  end

  def nobodys_uuid = SecureRandom.uuid

  Databases::NAMES.each_key do |kind|
    (kind == :postgresql ? BothWriters::WAYS : %i[records]).each do |way|
      context "on #{Databases::NAMES[kind]}, with write :#{way}" do
        using_database kind

        let!(:ann) { create_user(email: "ann@b.edu") }
        let!(:bob) { create_user(email: "bob@b.edu") }
        let(:sync) { keys_sync(way) }

        it "finds users by each of them, and the strongest that leads to a contact decides" do
          cy = create_user
          by_uuid = contact_of(ann, "bob@b.edu")
          by_address = contact("ann@b.edu")
          by_reference = contact_of(cy, uuid: false, reference: true)
          salesforce_has by_uuid, by_address, by_reference
          run = settle(sync)
          expect(links(ann, cy)).to eq([id(by_uuid), id(by_reference)])
          expect(run.applied.map { |change| change.reason[/this user's (\w+)\z/, 1] })
            .to match_array(%w[uuid support_identifier])
          expect(users_of(run.issues, :keys_lead_apart)).to eq([[ann.id]])
        end

        it "leaves to a spouse with the same address each the own contact" do
          bob.contact_infos.first.update!(value: "home@b.edu")
          ann.contact_infos.first.update!(value: "home@b.edu")
          hers, his = [ann, bob].map { |user| contact_of(user, "home@b.edu") }
          salesforce_has hers, his
          run = settle(sync)
          expect(links(ann, bob)).to eq([id(hers), id(his)])
          expect(contacts_of(run.issues, :contested_address)).to eq([ids(hers, his)])
        end

        it "holds who has a stronger key that is contested; no weaker one steps in" do
          twins = Array.new(2) { contact_of(ann) }
          salesforce_has(*twins, contact("ann@b.edu"))
          run = settle(sync)
          expect(links(ann)).to eq([nil])
          expect(contacts_of(run.issues, :contested_value)).to eq([ids(*twins)])
          expect(run.issues.find { |issue| issue.kind == :contested_value }.message).to include(ann.uuid)
        end

        it "keeps a contact with a contested stronger key from those of a weaker one" do
          twins = [contact_of(ann, "bob@b.edu"), contact_of(ann)]
          salesforce_has(*twins)
          run = settle(sync)
          held = users_of(run.issues, :held_user).flatten
          expect([links(bob), held]).to match([[nil], match_array([ann.id, bob.id])])
        end

        it "holds who would get a contact by a weaker key that another user has by a stronger one" do
          salesforce_has contact = contact_of(bob, "ann@b.edu")
          bob.update!(salesforce_contact_id: salesforce_id("003"))
          run = sync.plan
          expect(run.changes.map { |change| [change.key, change.action, change.contact_id] })
            .to eq([[bob.id, :relink, id(contact)]])
        end

        it "holds who would get a contact whose stronger key is nobody's here, and says so" do
          salesforce_has contact = contact("ann@b.edu", "Uuid__c" => nobodys_uuid)
          run = settle(sync)
          issue = run.issues.find { |one| one.kind == :keys_disagree }
          expect([links(ann), issue.users, issue.contacts]).to eq([[nil], [ann.id], [id(contact)]])
          expect(issue.message).to include("uuid")
        end

        it "links there where the declaration says so" do
          salesforce_has contact = contact("ann@b.edu", "Uuid__c" => nobodys_uuid)
          run = settle(keys_sync(way) { keys_disagree :link })
          expect([links(ann), run.issues]).to eq([[id(contact)], []])
        end

        it "holds a followed merge back where the winner has a key of somebody else's" do
          loser = contact("ann@b.edu")
          winner = contact_of(bob)
          ann.update!(salesforce_contact_id: id(loser))
          salesforce_has winner, loser.merge("IsDeleted" => true, "MasterRecordId" => id(winner))
          settle(sync)
          expect(links(ann, bob)).to eq([id(loser), id(winner)])
        end

        it "mends a stored id by evidence, and a stored id stands without it" do
          wrong = contact_of(bob, "ann@b.edu")
          right = contact_of(ann)
          ann.update!(salesforce_contact_id: id(wrong))
          salesforce_has wrong, right
          expect(sync.plan.changes).to eq([])
          run = settle(keys_sync(way, evidence: true))
          expect(links(ann, bob)).to eq([id(right), id(wrong)])
          expect(run.applied.map(&:action)).to match_array(%i[relink link])
        end

        it "leaves a value that is none of its kind alone, and counts it" do
          salesforce_has contact("ann@b.edu", "Uuid__c" => "see notes")
          run = settle(sync)
          expect(links(ann).compact.size).to eq(1)
          expect(run.issues.map(&:kind)).to include(:malformed_key)
        end

        it "writes nothing where the key has become another one since the plan" do
          salesforce_has contact_of(ann)
          plan = sync.plan
          ann.update!(uuid: nobodys_uuid)
          run = plan.apply
          expect([run.applied, run.stale.values]).to eq([[], ["its uuid is no longer trusted"]])
        end
      end
    end
  end

  context "in the words of a plan" do
    using_database :sqlite

    it "names the key beside its value, in a file, too, and finds users by it" do
      ann = create_user(email: "ann@b.edu")
      salesforce_has contact_of(ann)
      path = File.join(scratch, "sync.plan")
      keys_sync.plan.save(path)
      expect(File.read(path)).to include('"matched_by":"uuid"').and include(ann.uuid)
      expect(CrmSync::Plan.load(path).apply.applied.map(&:key)).to eq([ann.id])
      expect(KeysSync.explain("{#{ann.uuid.upcase}}")).to start_with("user #{ann.id}\n  has the uuid")
      expect(KeysSync.explain(ann.support_identifier)).to start_with("user #{ann.id}\n")
      expect(KeysSync.explain(nobodys_uuid)).to start_with("no user has this uuid")
    end

    it "refuses a plan whose key the declaration does not have any more" do
      ann = create_user(email: "ann@b.edu")
      salesforce_has contact_of(ann)
      path = File.join(scratch, "sync.plan")
      keys_sync.plan.save(path)
      stub_const("KeysSync", Class.new(CrmSync::ContactSync))
      KeysSync.class_exec do
        contacts "Contact"
        model "User", foreign_key: :salesforce_contact_id
        match_by :support_identifier, to: "Reference__c"
      end
      expect { CrmSync::Plan.load(path) }.to raise_error(CrmSync::StalePlan, /matched by uuid/)
    end

    it "says all keys anew in a subclass that says one" do
      keys_sync
      variant = stub_const("Variant", Class.new(KeysSync))
      expect(variant.declaration.keys.map(&:name)).to eq(%i[uuid support_identifier contact_infos])
      variant.match_by :id, to: "App_User_Id__c"
      expect([variant, KeysSync].map { |sync| sync.declaration.keys.size }).to eq([1, 3])
    end
  end
end
