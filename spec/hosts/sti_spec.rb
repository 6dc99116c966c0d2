# frozen_string_literal: true

require "rails_helper"
require "support/host_app"
require "support/whole_round"

# A table of people of several kinds, of which a sync is about one: single table inheritance.
RSpec.describe "a host with single table inheritance" do
  include HostApp

  def models
    host_table(:people) do |t|
      t.string :type
      t.string :email
      t.boolean :confirmed, null: false, default: true
      t.string :contact
      t.string :level
    end
    host_model("Person") { scope :confirmed, -> { where(confirmed: true) } }
    host_model("Teacher", Person)
    host_model("Student", Person)
    host_model("HeadTeacher", Teacher)
  end

  let(:sync) do
    stub_const("TeacherSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Teacher", foreign_key: :contact
      sync.match_by(:email, to: "Email", as: :email) { trust :confirmed }
      sync.attribute :level, from: "Level__c"
      sync.unmatched set: { level: "none" }, scope: :confirmed
    end
  end

  def contact_of(email, level = "high")
    record("003", Email: email, Level__c: level)
  end

  on_each_host_database do
    before { models }

    it "is about its kind and the kinds of it, and about no sibling" do
      people = [Teacher, HeadTeacher, Student, Person].map.with_index { |kind, n| kind.create!(email: "p#{n}@b.edu") }
      contacts = Array.new(4) { |n| contact_of("p#{n}@b.edu") }
      salesforce_has(*contacts)
      expect(sync.call.applied.map(&:key)).to eq(people.first(2).map(&:id))
      expect(people.map { |one| one.reload.contact }).to eq([contacts[0]["Id"], contacts[1]["Id"], nil, nil])
      expect(people.map(&:class)).to eq([Teacher, HeadTeacher, Student, Person])
    end

    it "gives nobody a contact that a sibling has" do
      salesforce_has(contact = contact_of("ann@b.edu"))
      Student.create!(contact: contact["Id"])
      teacher = Teacher.create!(email: "ann@b.edu")
      run = sync.call
      expect([teacher.reload.contact, run.issues.map(&:kind)]).to eq([nil, %i[hidden_holder]])
    end

    it "leaves siblings alone where nothing matches" do
      student = Student.create!(email: "x@b.edu", level: "kept")
      teacher = Teacher.create!(email: "y@b.edu")
      salesforce_has contact_of("z@b.edu")
      sync.call
      expect([student.reload.level, teacher.reload.level]).to eq(%w[kept none])
    end

    context "with a teacher, a head teacher, one whose contact is gone, and a student" do
      before do
        gone = contact_of("cy@b.edu").merge("IsDeleted" => true)
        Teacher.create!(email: "ann@b.edu")
        HeadTeacher.create!(email: "bob@b.edu")
        Teacher.create!(email: "cy@b.edu", contact: gone["Id"], level: "none")
        Student.create!(email: "dan@b.edu")
        @contacts = %w[ann@b.edu bob@b.edu dan@b.edu].map { |email| contact_of(email) }
        salesforce_has(*@contacts, gone)
      end

      let(:people) { Teacher }
      let(:expected) do
        [["Teacher", @contacts[0]["Id"], "high"], ["HeadTeacher", @contacts[1]["Id"], "high"], ["Teacher", nil, "none"],
         ["Student", nil, nil]]
      end

      def stored
        Person.order(:id).pluck(:type, :contact, :level)
      end

      it_behaves_like "a whole round"
    end
  end
end
