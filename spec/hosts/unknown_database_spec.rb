# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# A database that crm_sync does not know is refused by whatever comes first, before anything is made.
RSpec.describe "a host on Oracle" do
  include ContactSyncWorld

  using_database :sqlite

  let(:problem) { /crm_sync works with PostgreSQL.* OracleEnhanced/i }

  def on_oracle
    allow(ActiveRecord::Base.connection).to receive(:adapter_name).and_return("OracleEnhanced")
  end

  it "is told so by a plan, whatever tables are missing" do
    salesforce_has
    on_oracle
    expect { sync_that { write_back "Fax", with: :uuid, on: { salesforce_contact_id: "x" } }.plan }
      .to raise_error(CrmSync::ConfigurationError, problem)
    expect(salesforce.requests).to be_empty
  end

  it "is told so by the migration, before it makes a table" do
    connection = ActiveRecord::Base.connection
    on_oracle
    expect(connection).not_to receive(:create_table)
    expect { CreateCrmSyncTables.new.exec_migration(connection, :up) }.to raise_error(problem)
  end

  it "is told so by the generator, before it writes a file" do
    host = File.join(scratch, "host")
    FileUtils.cp_r(ChildProcess::DUMMY, host)
    File.write(File.join(host, "config/database.yml"), <<~YAML)
      test: { primary: { adapter: "sqlite3", database: "x.sqlite3" }, animals: { adapter: OracleEnhanced, database: animals, migrations_paths: db/animals } }
    YAML
    boot = File.join(host, "config/boot.rb")
    File.write(boot, File.read(boot).sub(/^checkout = .*/, "checkout = #{Leftovers::CHECKOUT.inspect}"))
    files = Dir[File.join(host, "{config,db}/**/*")]
    command = ["bin/rails", "generate", "crm_sync:install", "--database", "animals"]
    result = run_command(RbConfig.ruby, *command, chdir: host)
    expect(result.stdout + result.stderr).to match(problem)
    expect(Dir[File.join(host, "{config,db}/**/*")]).to eq(files)
  end
end
