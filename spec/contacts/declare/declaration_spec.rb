# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

RSpec.describe CrmSync::ContactSync do
  include ContactSyncWorld

  def declare(&)
    Class.new(described_class).tap { |sync| sync.class_exec(&) }
  end

  # The line of this file on which the block's first word stands.
  def line_of(block)
    "#{__FILE__}:#{block.source_location.last}"
  end

  describe "mistakes of form" do
    {
      "a field that is none" => [-> { match_by :uuid, to: ["Email; DROP"] }, /"Email; DROP" is not a field/],
      "no field of a key" => [-> { match_by :uuid, to: [] }, /match_by :uuid: to: names no field/],
      "a part that is declared twice" => [-> { 2.times { link_when :activated } }, /link_when is declared twice/],
      "a policy that is none" => [-> { shared_contact :steal }, /:hold or :link/],
      "an option that is none" => [-> { attribute :a, from: "A", mapp: {} }, /:a: unknown option mapp:.*from, any_of/],
      "an attribute from nothing" => [-> { attribute :a, map: {} }, /say from: or any_of:/],
      "an attribute from two things" => [-> { attribute :a, from: "A", any_of: %w[B] }, /one of them/],
      "an attribute declared twice" => [-> { 2.times { attribute :a, from: "A" } }, /has an attribute already/],
      "a map that is none" => [-> { attribute :a, from: "A", map: [] }, /map: is a Hash/],
      "otherwise without a map" => [-> { attribute :a, from: "A", otherwise: 1 }, /otherwise: needs a map/],
      "a blank that is no value" => [-> { attribute :a, from: "A", blank: -> { 1 } }, /a Proc is not a value/],
      "a blank that is said twice" => [-> { attribute :a, from: "A", blank: 1, map: { "" => 2 } }, /keep one/],
      "a budget of two columns" => [-> { budget :x, a: 1, b: 2 }, /one column/],
      "a budget that exists" => [-> { budget :unlink, a: 1 }, /exists already/],
      "a budget that all would mean" => [-> { budget :effects, a: 1 }, /exists already/],
      "a budget that is none" => [-> { over_budget :x, :hold },
                                  /:x names no budget; above .*:clear, :lead, :sweep, :effects, :all\]/],
      "a budget of its own that comes later" => [-> { over_budget(:x, :block) || budget(:x, a: 1) }, /:x names no bud/],
      "a policy over budget that is none" => [-> { over_budget :all, :stop }, /:hold or :block/],
      "a policy declared twice" => [-> { 2.times { over_budget :all, :block } }, /over_budget :all is declared twice/],
      "a hook without a block" => [-> { after_transition :a, to: 1 }, /needs a block/],
      "a way of writing that is none" => [-> { write :sets }, /write is :records or :set_based/],
      "a batch of none" => [-> { write :records, batch: 0 }, /batch: is a number of records, from 1 to 1,000/],
      "a batch of another way" => [-> { write :set_based, batch: 1 }, /batch: belongs to write :records/],
      "a batch's hook without a block" => [-> { after_batch }, /needs a block/],
      "a report without a block" => [-> { report_problems }, /needs a block/],
      "a write-back to no field" => [-> { write_back "No Field", with: :x, on: { a: 1 } }, /is not a field/],
      "a patience of none" => [-> { contact_missing set: {}, after: 0 }, /1 or more/],
      "an interval without a unit" => [-> { incremental full_every: 24 }, /full_every: is a duration, such as 1.day/],
      "an overlap of none" => [-> { incremental full_every: 1.day, overlap: 0.seconds }, /overlap: is a duration/],
      "leads that say nothing" => [-> { lead_status from: "Status", trust: :verified }, /has no rules/],
      "trust in nothing" => [-> { match_by(:contact_infos, column: :value, to: %w[Email]) { nil } }, /trusts nothing/]
    }.each do |mistake, (block, message)|
      it "finds #{mistake} at load, without a database, and names the line" do
        expect { declare(&block) }.to raise_error(CrmSync::MappingError) { |error|
          expect(error.message).to match(message).and start_with(line_of(block))
        }
      end
    end

    it "finds a batch's hook where there are no batches" do
      sync = sync_that { after_batch { nil } }
      expect { sync.plan }.to raise_error(CrmSync::MappingError, /#{__FILE__}:\d+: after_batch .* write :set_based/)
    end

    it "names what is missing" do
      stub_const("Unfinished", declare { contacts "Contact" })
      expect do
        Unfinished.plan
      end.to raise_error(CrmSync::MappingError, /Unfinished does not say its model; add: model "User"/)
    end
  end

  describe "mistakes that only the database shows" do
    using_database :sqlite

    before { salesforce_has }

    {
      "a column" => [-> { attribute :no_such, from: "A" }, /users has no column no_such/],
      "an enum's value" => [lambda {
                              attribute :faculty_status, from: "A", map: { "x" => :confirmd }
                            }, /:?"?confirmd"? is not a value of :faculty_status; there are .*:confirmed_faculty/],
      "a scope" => [-> { link_when :activatd }, /User has no scope :activatd/],
      "a value of a sweep" => [-> { unmatched set: { faculty_status: :nothing } }, /nothing"? is not a value/],
      "a column of a hook" => [-> { after_transition(:is_kip, to: true) { nil } }, /:is_kip is not written/],
      "a method" => [
        lambda {
          attribute :faculty_status, from: "A", map: { "x" => :confirmed_faculty }
          write_back "F__c", with: :no_such_method, on: { faculty_status: :confirmed_faculty }
        }, /User has no method no_such_method/
      ]
    }.each do |mistake, (block, message)|
      it "finds #{mistake} on first use, and reads nothing" do
        sync = sync_that(&block)
        expect { sync.plan }.to raise_error(CrmSync::MappingError, message)
        expect(salesforce.requests).to be_empty
      end
    end

    it "tells all of them at once, each with its line and the nearest name that there is" do
      words = lambda do |*|
        link_when :activatd
        attribute :faculty_stats, from: "A"
        attribute :faculty_status, from: "B", map: { "x" => :confirmd }
        write_back "F__c", with: :first_nam, on: { faculty_status: :confirmed_faculty }
      end
      first = words.source_location.last + 1
      expect { sync_that(&words).plan }.to raise_error(CrmSync::MappingError) { |error|
        expect(error.message.lines.map { |line| line[/\A\S+:(\d+): /, 1].to_i }).to match_array([*first..first + 3])
        expect(error.message).to include("has no scope :activatd; did you mean activated?",
                                         "has no column faculty_stats; did you mean faculty_status?",
                                         "has no method first_nam; did you mean first_name?", "confirmd")
      }
    end

    it "tells them before it asks for settings" do
      salesforce.stop
      sync = sync_that do
        salesforce :unset
        attribute :faculty_stats, from: "A"
      end
      expect { sync.plan }.to raise_error(CrmSync::MappingError, /did you mean faculty_status/)
      expect { sync_that { salesforce :unset }.plan }
        .to raise_error(CrmSync::ConfigurationError, /CRM_SYNC_SALESFORCE_UNSET_HOST/)
    end

    { "Usr" => "there is no model Usr; correct the name", "String" => "String is not a model of Active Record" }
      .each do |name, message|
        it "finds that #{name} is not a model, and names the line" do
          lost = Class.new(described_class) do
            model name, foreign_key: :x
            contacts "Contact"
            match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
          end
          expect { lost.plan }.to raise_error(CrmSync::MappingError, /#{__FILE__}:#{__LINE__ - 4}: #{message}/)
        end
      end

    it "finds an association that is none, and names the line and those that there are" do
      lost = Class.new(described_class) do
        contacts "Contact"
        model "User", foreign_key: :salesforce_contact_id
        match_by(:contact_info, column: :value, to: %w[Email]) { trust :verified }
      end
      hint = "User has no association :contact_info; did you mean :contact_infos\\?"
      message = /#{__FILE__}:#{__LINE__ - 3}: match_by: #{hint}/
      expect { lost.plan }.to raise_error(CrmSync::MappingError, message)
    end
  end

  describe "the table of the outbox" do
    using_database :sqlite, fresh: true

    it "is asked for by a declaration with write-backs" do
      salesforce_has
      ActiveRecord::Base.connection.drop_table(:crm_sync_outbox)
      message = /info\.rb:\d+: write_back needs the table crm_sync_outbox in the database of User; run: rails generate/
      expect { sync }.to raise_error(CrmSync::ConfigurationError, message)
      expect(salesforce.requests).to be_empty
    end
  end
end
