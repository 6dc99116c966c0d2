# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"

# Rules as docs/contact_sync.md has them, where the first word on them had been taken too narrowly.
RSpec.describe "a contact sync that keeps its rules" do
  include BothWriters

  using_database :postgresql

  def claims
    both do
      claim = CrmSync::Contacts::Key::Tier.new(:school_issued, :contacts, "here", :contact_infos)
      declaration.keys.last.tiers << claim
      link_when :activated
    end
  end

  # Returns the applied changes of both ways of writing, once where they are the same.
  def applied(results)
    results.values.map { |result| result[:applied].map { |one| one.first(2) } }.uniq
  end

  describe "in the writers" do
    [" ann@b.edu", "ann@b.edu\u00a0", "ANN@B.edu\n"].each do |spelling|
      it "lets a claim that was planned go stale where another has verified #{spelling.inspect} since" do
        ann = create_user(first_name: "Ann", email: "ann@b.edu", verified: false, is_school_issued: true)
        salesforce_has contact("ann@b.edu")
        results = write_both(claims) do
          create_email(create_user(state: "temp"), "placeholder@b.edu")
          EmailAddress.where(value: "placeholder@b.edu").update_all(value: spelling)
        end
        results.each_value do |result|
          expect(result[:stale]).to eq([[ann.id, "its address is another's by stronger trust"]])
        end
      end
    end

    it "knows the spellings of an international domain as one address" do
      ann = create_user(first_name: "Ann", email: "ann@b.edu", verified: false, is_school_issued: true)
      EmailAddress.update_all(value: "ann@xn--bcher-kva.example")
      salesforce_has contact("ann@xn--bcher-kva.example")
      results = write_both(claims) do
        create_email(create_user(state: "temp"), "placeholder@b.edu")
        EmailAddress.where(value: "placeholder@b.edu").update_all(value: "ann@BÜCHER.example")
      end
      expect(results.transform_values { |result| result[:stale].map(&:first) }).to eq(records: [ann.id],
                                                                                      set_based: [ann.id])
    end
  end

  describe "of those who are not there" do
    # Creates a user and deletes it past the model, which leaves the addresses behind.
    def orphan(text)
      gone = create_user(email: text)
      User.connection.execute("DELETE FROM users WHERE id = #{gone.id}")
    end

    it "lets no verified address of theirs stand in the way of a claim" do
      orphan "ann@b.edu"
      ann = create_user(first_name: "Ann", email: "ann@b.edu", verified: false, is_school_issued: true)
      salesforce_has contact("ann@b.edu")
      results = write_both(claims)
      expect(applied(results)).to eq([[[ann.id, :link]]])
    end
  end

  it "relinks who may not be linked anew, as somebody who was linked" do
    ann = contact("ann@b.edu", faculty: "Confirmed")
    user = create_user(email: "ann@b.edu", state: "temp", salesforce_contact_id: salesforce_id("003"))
    salesforce_has ann
    results = write_both(both { link_when :activated })
    expect(applied(results)).to eq([[[user.id, :relink]]])
  end

  it "quarantines a check box that holds a text, and takes one that is true for true" do
    boxes = sync_that { attribute :grant_tutor_access, any_of: %w[One__c Other__c] }
    yes = contact("a@b.edu", "One__c" => "Yes", "Other__c" => false)
    one = contact("b@b.edu", "One__c" => "Yes", "Other__c" => true)
    none = contact("c@b.edu", "One__c" => nil, "Other__c" => false)
    users = [yes, one, none].map { |row| linked_user(row, grant_tutor_access: row.equal?(one) ? nil : true) }
    salesforce_has yes, one, none
    run = boxes.call
    expect(users.map { |user| user.reload.grant_tutor_access }).to eq([true, true, false])
    expect(contacts_of(run.issues, :unknown_value)).to eq([ids(yes)])
  end

  it "links who has verified an address of a contact, whoever claims another one of it" do
    ann = contact("ann@b.edu", "other@b.edu")
    owner = create_user(email: "ann@b.edu")
    claimer = create_user(email: "other@b.edu", verified: false, is_school_issued: true)
    salesforce_has ann
    run = claims[:records].call
    expect(actions(run.applied)).to eq(owner => :link)
    expect(users_of(run.issues, :held_user)).to eq([[claimer.id]])
  end

  describe "with addresses that are nobody's" do
    let(:teachers) { Array.new(25) { |n| contact("t#{n}@b.edu", "None@none.com") } }

    it "names what many contacts share and no user has" do
      salesforce_has(*teachers)
      create_user(email: "t1@b.edu")
      run = sync_that { nil }.call
      expect(run.issues.map(&:message).join("\n"))
        .to match(/"none@none\.com" is claimed by 25 contacts .* ignore_addresses/)
      expect(run.applied).to be_empty
    end

    it "names nothing that is a user's" do
      salesforce_has(*teachers)
      create_user(email: "none@none.com")
      messages = sync_that { nil }.call.issues.map(&:message).join
      expect(messages).to include("claimed by the contacts")
      expect(messages).not_to include("none@none.com")
    end

    it "ignores them in whatever spelling, for contacts and leads" do
      ignoring = sync_that do
        leads "Lead"
        ignore_addresses " NONE@none.com", "n/a"
        lead_status(from: "Status", trust: :verified) { otherwise set: { faculty_status: :pending_faculty } }
      end
      user = create_user(email: "t1@b.edu")
      other = create_user(email: "none@none.com")
      salesforce_has(*teachers, lead("none@none.com"))
      run = ignoring.call
      expect(actions(run.applied)).to eq(user => :link)
      expect(run.issues).to eq([])
      expect(other.reload.faculty_status).not_to eq("pending_faculty")
    end

    it "refuses what is not an address, at load" do
      expect { sync_that { ignore_addresses "n/a", " " } }
        .to raise_error(CrmSync::MappingError, /ignore_addresses names addresses/)
    end
  end
end
