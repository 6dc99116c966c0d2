# frozen_string_literal: true

require "rails_helper"
require_relative "../support/contact_sync_world"
require_relative "../support/pages"

RSpec.describe "docs/operations.md" do
  include ShownCode

  page = Page.new("docs/operations.md")

  # The text of all files of a kind.
  def source(pattern)
    Dir[File.join(Leftovers::CHECKOUT, pattern)].map { |path| File.read(path) }.join
  end

  context "with a database" do
    using_database :sqlite

    it "shows where to look first" do
      written = with_ann do
        UpdateUserSalesforceInfo.call
        page.run("first look")
      end
      expect(written).to include("applied, 1 link", "UpdateUserSalesforceInfo: nothing to do")
    end

    it "shows what the history is good for" do
      expect(with_ann { page.run("history") }).to include(
        "applied: 1 undo, 1 issue", "what followed the changes of run",
        "salesforce_contact_id: 0034C00000VaYfKQAV → nil", "undone: salesforce_contact_id"
      )
      expect(CrmSync::ChangeRow.order(:id).pluck(:action)).to eq(%w[link undo thaw])
    end

    it "shows how to check in at a monitoring service" do
      written = with_ann do
        page.run("check-in") { |code| "listener = #{code}\nUpdateUserSalesforceInfo.call\n#{<<~RUBY}" }
          ActiveSupport::Notifications.unsubscribe(listener)
        RUBY
      end
      expect(written).to include("UpdateUserSalesforceInfo: applied\n")
    end

    it "shows how a plan is kept and applied elsewhere" do
      with_ann { page.run("saved plan") { |code| code.gsub("tmp/sync.plan", File.join(scratch, "sync.plan")) } }
      expect(User.first.salesforce_contact_id).to be_present
    end

    context "with a hundred linked users" do
      include ContactSyncWorld

      let(:contacts) { Array.new(100) { contact } }

      before do
        contacts.each.with_index(1) { |row, id| create_user(id:, salesforce_contact_id: row["Id"]) }
        salesforce_has(*contacts)
        UpdateUserSalesforceInfo.call
      end

      it "shows what is said when a budget holds" do
        salesforce_has(*contacts.first(12).map { |row| row.merge("IsDeleted" => true) }, *contacts.drop(12))
        expect("#{UpdateUserSalesforceInfo.call.refusals.first}\n").to eq(page.block("output: held"))
      end

      it "shows what is said when a source blocks" do
        salesforce_has(*contacts.first(40))
        expect("#{UpdateUserSalesforceInfo.call.refusals.first}\n").to eq(page.block("output: blocked"))
      end
    end
  end

  it "shows what is said when another run is under way" do
    holder = CrmSync::Lock::Holder.new("process 4711 on web-1", "2026-11-22 01:15:55 UTC")
    expect("#{CrmSync::Run.skipped(holder)}\n").to eq(page.block("output: skipped"))
  end

  it "says what each status means" do
    statuses = File.read(File.join(Leftovers::CHECKOUT, "sig/crm_sync.rbs"))[/type status = (:applied.*)/, 1]
    expect(page.listed("statuses")).to match_array(statuses.split(" | "))
  end

  it "says of each issue what it means and what to do" do
    kinds = source("lib/**/*.rb").scan(/Issue\.new\(kind: :(\w+)/)
    kinds += source("src/**/*.rs").scan(/(?:Issue \{ *|^ +)kind: "(\w+)"/)
    kinds += source("src/contacts/key_issues.rs").scan(/"(contested_\w+)"/)
    kinds += source("src/organizations/compare.rs").scan(/Key::\w+ => Some\("(\w+)"\)/)
    kinds += source("src/organizations/draft.rs")[/fn issue\(.*?^    \}/m].scan(/=> "(\w+)"/)
    listed = ["contact issues", "organization issues", "common issues"].map { |mark| page.listed(mark) }
    expect(listed.flatten.uniq).to match_array(kinds.flatten.uniq)
  end

  it "lists every budget of a contact sync" do
    budgets = CrmSync::Native.contact_budgets.map(&:to_s)
    expect(page.listed("budgets")).to eq([*budgets, "budget :name, …"])
  end

  it "lists the buckets of the ledger" do
    named = page.table("buckets").to_h { |row| [row[0], row[1].scan(/`([\w ]+)`/).flatten] }
    ledger = source("src/contacts/ledger.rs").lines.grep_v(/notes\.insert/).join
    known = ledger.scan(/"([a-z]+(?:_[a-z]+)*)"/).flatten.uniq
    expect(named.values_at("contacts", "leads", "users").flatten).to include(*known)
    known = source("src/organizations/*.rs").scan(/(?:Silent|enter)\("(\w+)"/)
    known += source("lib/crm_sync/organizations/read/*.rb").scan(/buckets\[:(\w+)\] = /)
    expect(named.values_at("accounts", "organizations").flatten).to include(*known.flatten.uniq)
    code = source("src/**/*.rs") + source("lib/**/*.rb")
    unknown = named.values.flatten.uniq.reject { |bucket| code.match?(/[":]#{bucket}\b|\b#{bucket.tr(" ", "_")}:/) }
    expect(unknown).to eq([])
  end

  it "lists every error" do
    constants = CrmSync.constants.map { |name| CrmSync.const_get(name) }
    errors = constants.select { |constant| constant.is_a?(Class) && constant < CrmSync::Error }
    listed = page.table("errors").flat_map { |row| row.first.scan(/\w+/) }
    expect(listed).to include(*errors.map { |error| error.name.demodulize })
  end
end
