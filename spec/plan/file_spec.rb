# frozen_string_literal: true

require "rails_helper"
require "active_support/testing/time_helpers"
require "support/contact_sync_world"
require "support/partner_world"

# Plans that are applied later, elsewhere.
RSpec.describe CrmSync::Plan do
  include ActiveSupport::Testing::TimeHelpers

  def path
    File.join(scratch, "sync.plan")
  end

  def lines
    File.readlines(path).map { |line| JSON.parse(line) }
  end

  # Changes the file as somebody could who knows its form, but not the secret.
  def forge
    *body, _seal = lines
    yield body
    text = body.map { |line| "#{JSON.generate(line)}\n" }.join
    CrmSync.configuration.plan_secret = "somebody else's secret"
    seal = { seal: CrmSync::Signature.of(text) }
    CrmSync.configuration.plan_secret = nil
    File.write(path, "#{text}#{JSON.generate(seal)}\n")
  end

  def refused(message)
    expect { described_class.load(path) }.to raise_error(CrmSync::StalePlan, message)
  end

  after { CrmSync.configuration.plan_secret = nil }

  it "is refused where it is signed and there is no secret to verify that with" do
    seal = CrmSync::Signature.of("text")
    allow(CrmSync::Signature).to receive(:secrets).and_return([])
    expect(CrmSync::Signature.problem("text", seal))
      .to match(/\Ait is signed, and there is no secret here .*PLAN_SECRET\z/)
    expect(CrmSync::Signature.problem("text", seal.except("signature"))).to be_nil
  end

  describe "when the secret is replaced" do
    include PartnerWorld

    let(:old) { "the secret of last year" }
    let(:newer) { "the secret of this year" }

    before do
      partners([account(1)], [])
      CrmSync.configuration.plan_secret = old
      PartnerSync.plan.save(path)
    end

    it "is applied as long as the old one is in the list, which signs nothing any more" do
      CrmSync.configuration.plan_secret = [newer, old]
      expect(described_class.load(path).apply.status).to eq(:applied)
      PartnerSync.plan.save(path)
      CrmSync.configuration.plan_secret = newer
      expect(described_class.load(path)).to be_empty
    end

    it "is refused when the old one has been dropped" do
      CrmSync.configuration.plan_secret = [newer, "the secret of next year"]
      refused(/signed with another secret/)
      CrmSync.configuration.plan_secret = newer
      refused(/signed with another secret/)
    end
  end

  describe "of a contact sync" do
    include ContactSyncWorld

    using_database :postgresql

    # Users who will be linked, by the names of their addresses.
    def linkable(*names)
      salesforce_has(*names.map { |name| contact("#{name}@b.edu", faculty: "Confirmed") })
      names.to_h { |name| [name, create_user(email: "#{name}@b.edu", first_name: name)] }
    end

    it "is applied in another process, and does there what it would have done here" do
      ann = linkable("ann").fetch("ann")
      UpdateUserSalesforceInfo.plan.save(path)
      plan = described_class.load(path)
      expect(plan.summary).to include(changes: { link: 1 })
      run = plan.apply
      expect([run.status, ann.reload.faculty_status]).to eq([:applied, "confirmed_faculty"])
      expect(verification_mails).to eq([[ann.salesforce_contact_id, "ann@b.edu"]])
      expect(SecurityLog.count).to eq(1)
    end

    it "can be read by people: a header, one change a line, and a seal; only its owner can read it" do
      linkable("ann", "bob")
      plan = UpdateUserSalesforceInfo.plan
      plan.save(path)
      header, *changes, seal = lines
      expect(header).to include("sync" => "UpdateUserSalesforceInfo", "counts" => { "link" => 2 },
                                "digest" => plan.digest)
      expect(changes.map { |change| change["premises"] }).to eq(
        %w[ann bob].map do |name|
          { "address" => "#{name}@b.edu", "matched_by" => "contact_infos", "trust" => "verified" }
        end
      )
      expect(JSON.generate(header)).not_to include("@")
      expect(seal["seal"].keys).to eq(%w[sha256 signature])
      expect(File.stat(path).mode & 0o777).to eq(0o600)
    end

    it "keeps values as they are: a plan that was loaded has the digest of the one that was saved" do
      linkable(*("a".."g"))
      plan = UpdateUserSalesforceInfo.plan
      plan.save(path)
      expect(described_class.load(path)).to have_attributes(digest: plan.digest, to_s: plan.to_s)
    end

    it "keeps a time to the microsecond, in whatever zone the app is" do
      sync = sync_that { attribute :created_at, from: "Made_At__c" }
      stored = Time.utc(2020, 1, 2, 3, 4, 5.123456r)
      wanted = Time.utc(2021, 1, 2, 3, 4, 5.654321r)
      ann = contact("ann@b.edu", "Made_At__c" => wanted.iso8601(6))
      user = create_user(salesforce_contact_id: ann["Id"], created_at: stored)
      salesforce_has ann
      run = Time.use_zone("Tokyo") do
        sync.plan.save(path)
        described_class.load(path).apply
      end
      expect([run.status, run.stale.values, user.reload.created_at]).to eq([:applied, [], wanted])
    end

    it "applies n - k of n changes, and reports the k that another hand has touched" do
      users = linkable(*("a".."h"))
      UpdateUserSalesforceInfo.plan.save(path)
      users["a"].update!(faculty_status: :pending_faculty)
      users["b"].contact_infos.first.destroy!
      users["c"].contact_infos.first.update!(verified: false)
      users["d"].update!(salesforce_contact_id: salesforce_id("003"))
      contact_of_e = salesforce.records("Contact").find { |row| row["Email"] == "e@b.edu" }
      create_user.update!(salesforce_contact_id: contact_of_e["Id"])
      run = described_class.load(path).apply(allow: { effects: 8 })
      expect(run.stale.transform_keys { |change| User.find(change.key).first_name }).to eq(
        "a" => "faculty_status has changed", "b" => "its address is no longer trusted",
        "c" => "its address is no longer trusted", "d" => "its contact is another one",
        "e" => "the contact is another's by now"
      )
      expect(run.applied.map { |change| User.find(change.key).first_name }).to match_array(%w[f g h])
      expect(users["a"].reload.faculty_status).to eq("pending_faculty")
    end

    it "holds what its budgets do not allow, as it would have done at once" do
      gone = Array.new(6) { |n| create_user(email: "u#{n}@b.edu", salesforce_contact_id: salesforce_id("003")) }
      there = Array.new(6) { |n| contact("v#{n}@b.edu") }
      there.each { |row| linked_user(row) }
      salesforce_has(*there)
      UpdateUserSalesforceInfo.plan.save(path)
      run = described_class.load(path).apply
      expect([run.status, run.held.size]).to eq([:held, 6])
      expect(described_class.load(path).apply(allow: { unlink: 6 }).status).to eq(:applied)
      expect(gone.map { |user| user.reload.salesforce_contact_id }).to all(be_nil)
    end

    it "stays blocked when its sources looked wrong" do
      create_user(email: "a@b.edu", salesforce_contact_id: salesforce_id("003"))
      salesforce_has
      UpdateUserSalesforceInfo.plan.save(path)
      expect(described_class.load(path).apply.status).to eq(:blocked)
    end

    describe "is refused" do
      before do
        linkable("ann")
        UpdateUserSalesforceInfo.plan.save(path)
      end

      it "when somebody changed it" do
        File.write(path, File.read(path).sub("confirmed_faculty", "rejected_faculty"))
        refused(/was changed, or is not whole/)
      end

      it "when somebody changed it and its digest, without the secret" do
        forge { |body| body.last["after"]["faculty_status"] = "rejected_faculty" }
        refused(/signed with another secret/)
      end

      it "when it was not signed" do
        *body, _seal = lines
        text = body.map { |line| "#{JSON.generate(line)}\n" }.join
        seal = { seal: CrmSync::Signature.of(text).except("signature") }
        File.write(path, "#{text}#{JSON.generate(seal)}\n")
        refused(/it is not signed/)
      end

      it "when it is of the form that plans had before their signature was a message of Rails" do
        *body, seal = File.readlines(path)
        seal = { seal: { sha256: JSON.parse(seal).dig("seal", "sha256"), hmac: "a" * 64 } }
        File.write(path, "#{body.join}#{JSON.generate(seal)}\n")
        refused(/its seal is not of this version's form; plan again/)
      end

      it "when its signature is that of another plan, or of something else that the secret has signed" do
        *body, seal = File.readlines(path)
        secret = CrmSync.configuration.plan_secret = "a secret of this app's"
        digest = JSON.parse(seal).dig("seal", "sha256")
        elsewhere = ActiveSupport::MessageVerifier.new(secret, digest: "SHA256", serializer: JSON)
        ["", "--", "\u00e9--a", 7, [], CrmSync::Signature.of("another")["signature"],
         elsewhere.generate(digest, purpose: "crm_sync plan")].each do |signature|
          File.write(path, "#{body.join}#{JSON.generate(seal: { sha256: digest, signature: })}\n")
          refused(/signed with another secret|it is not signed/)
        end
      end

      it "when it is cut off, wherever" do
        text = File.read(path)
        [0, 10, text.index("\n") + 1, text.rindex("{"), text.size - 10].each do |size|
          File.write(path, text[0, size])
          refused(/it is no plan|its end is missing|is not whole/)
        end
      end

      it "when it is too old, unless an older one is wanted" do
        travel_to(25.hours.from_now) do
          refused(/too old/)
          expect(described_class.load(path, max_age: 2.days)).to be_a(described_class)
        end
      end

      it "when it was made by another sync, for another org or another database" do
        sealed { |header, _| header["sync"] = "Kernel" }
        refused(/this app has no sync Kernel/)
        UpdateUserSalesforceInfo.plan.save(path)
        sealed { |header, _| header["origin"]["database"] = "x" }
        refused(/made for the database x/)
        salesforce_stops
        salesforce_has
        UpdateUserSalesforceInfo.plan.save(path)
        salesforce_stops
        salesforce_has
        refused(/made for the Salesforce org http.*, and this is http/)
      end

      it "when it writes what the declaration does not" do
        { { "is_administrator" => true } => /writes the column is_administrator/,
          { "faculty_status" => "unknown" } => /'unknown' is not a valid faculty_status|faculty_status: .*unknown/,
          { "school_type" => nil } => /writes school_type: nil/,
          { "school_type" => { "stored" => 77 } } => /writes school_type/,
          { "school_type" => {} } => /a value that its column cannot have/ }.each do |after, message|
          UpdateUserSalesforceInfo.plan.save(path)
          sealed { |_, change| change["after"].merge!(after) }
          refused(message)
        end
      end

      it "when it links somebody to a contact in another way than a link does" do
        sealed { |_, change| change["after"]["salesforce_contact_id"] = salesforce_id("003") }
        refused(/changes the contact of/)
      end

      # Signs the changed plan with the secret, so that only the declaration is left to refuse it.
      def sealed
        *body, _seal = lines
        yield body.first, body.last
        text = body.map { |line| "#{JSON.generate(line)}\n" }.join
        File.write(path, "#{text}#{JSON.generate(seal: CrmSync::Signature.of(text))}\n")
      end
    end

    it "says what to do when it is not there" do
      expect { described_class.load(path) }.to raise_error(CrmSync::FileError, /sync\.plan: it cannot be opened/)
    end
  end

  describe "of an organization sync" do
    include PartnerWorld

    before { partners([account(1), account(2, Account_Owner_Calc__c: "New")], [organization(2), organization(3)]) }

    it "is applied in another process, and does there what it would have done here" do
      plan = PartnerSync.plan
      plan.save(path)
      loaded = described_class.load(path)
      expect(loaded.digest).to eq(plan.digest)
      expect(loaded.apply.summary[:applied]).to eq(create: 1, update: 1, mark: 1)
      expect(PartnerSync.plan).to be_empty
    end

    it "applies once: what is so already is done, and nothing is created twice" do
      PartnerSync.plan.save(path)
      described_class.load(path).apply
      run = described_class.load(path).apply
      expect(run).to have_attributes(status: :unchanged, done_already: match_array(run.plan.changes), stale: {},
                                     errors: [])
      expect(zendesk.organizations.size).to eq(3)
    end

    it "is refused when it marks under another name, or writes what the declaration does not" do
      CrmSync.configuration.plan_secret = "ours, and nobody else's"
      { ->(change) { change["after"]["organization_fields"]["ignore_deletion"] = true } => /writes ignore_deletion/,
        ->(change) { change["after"]["organization_fields"]["mark_for_deletion"] = true } => /marks and is not a mark/ }
        .each do |edit, message|
          PartnerSync.plan.save(path)
          *body, _seal = lines
          edit.call(body.find { |line| line["action"] == "update" })
          text = body.map { |line| "#{JSON.generate(line)}\n" }.join
          File.write(path, "#{text}#{JSON.generate(seal: CrmSync::Signature.of(text))}\n")
          refused(message)
        end
    end
  end
end
