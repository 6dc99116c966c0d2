# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# An app whose table names have a prefix or a suffix (config.active_record.table_name_prefix).
RSpec.describe "a host with a table name prefix" do
  include ContactSyncWorld

  # Runs code in a dummy all of whose tables, including ours, have these names.
  def in_app(prefix, suffix, code)
    ActiveRecord::Base.connection.then { |own| own.tables.each { |table| own.drop_table(table) } }
    result = rails_runner(<<~RUBY)
      ActiveRecord::Base.table_name_prefix = #{prefix.inspect}
      ActiveRecord::Base.table_name_suffix = #{suffix.inspect}
      ActiveRecord::Migration.verbose = false
      #{code}
    RUBY
    raise result.stderr unless result.success?

    result.stdout.lines(chomp: true)
  end

  let(:round) { <<~RUBY }
    load "db/schema.rb"
    require "crm_sync/testing"
    user = User.create!(state: "activated")
    EmailAddress.create!(user: user, value: "ann@b.edu", verified: true)
    contact = { "Id" => "0034C00000VaYfKQAV", "Email" => "ann@b.edu", "Faculty_Verified__c" => "Confirmed" }
    CrmSync::Testing::Salesforce.start(records: { "Contact" => [contact], "Lead" => [] }) do |salesforce|
      run = UpdateUserSalesforceInfo.call
      puts run.status, salesforce.requests.count { |request| request["method"] == "PATCH" }
      puts run.undo!.status, UpdateUserSalesforceInfo.runs.size
    end
    rows = %i[StateRow OutboxRow RunRow ChangeRow].map { |name| CrmSync.const_get(name) }
    puts rows.map(&:table_name), rows.select(&:any?).map(&:name)
  RUBY

  { sqlite: ["app_", ""], postgresql: ["", "_of_a_host"] }.each do |kind, (prefix, suffix)|
    context "on #{Databases::NAMES[kind]}", timeout: 240 do
      using_database kind, fresh: true

      it "has ours under these names, which do everything" do
        said = in_app(prefix, suffix, round)
        names = %w[states outbox runs changes].map { |name| "#{prefix}crm_sync_#{name}#{suffix}" }
        filled = %w[StateRow RunRow ChangeRow].map { |name| "CrmSync::#{name}" }
        expect(said).to eq(["applied", "1", "applied", "2", *names, *filled])
        expect(ActiveRecord::Base.connection.tables.grep(/crm_sync/)).to match_array(names)
      end
    end
  end

  context "that names a schema of PostgreSQL", timeout: 240 do
    using_database :postgresql, fresh: true

    before { ActiveRecord::Base.connection.execute("DROP SCHEMA IF EXISTS tenant CASCADE; CREATE SCHEMA tenant") }

    it "has ours in this schema" do
      said = in_app("tenant.", "", round)
      expect(said.first(4)).to eq(%w[applied 1 applied 2])
      expect(said).to include("tenant.crm_sync_states", "tenant.crm_sync_outbox")
      expect(ActiveRecord::Base.connection.tables.grep(/crm_sync/)).to eq([])
    end

    it "names the table that is missing" do
      said = in_app("tenant.", "", <<~RUBY)
        load "db/schema.rb"
        ActiveRecord::Base.connection.drop_table("tenant.crm_sync_outbox")
        require "crm_sync/testing"
        CrmSync::Testing::Salesforce.start(records: {})
        begin; UpdateUserSalesforceInfo.plan; rescue CrmSync::ConfigurationError => e; puts e.message; end
      RUBY
      expect(said).to match([/write_back needs the table tenant\.crm_sync_outbox in the database of User; run: /])
    end
  end
end
