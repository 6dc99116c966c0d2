# frozen_string_literal: true

require "rails_helper"

# The generator as a host runs it: in a copy of the dummy that has neither our tables nor a sync.
RSpec.describe "rails generate crm_sync:install" do
  let(:host) { File.join(scratch, "host") }

  before do
    FileUtils.cp_r(ChildProcess::DUMMY, host)
    FileUtils.rm_r(File.join(host, "app/routines"))
    File.write(File.join(host, "Rakefile"), %(require_relative "config/application"\nRails.application.load_tasks\n))
    edit("config/boot.rb", /^checkout = .*/) { "checkout = #{Leftovers::CHECKOUT.inspect}" }
    edit("db/schema.rb", /^  # >>>.*# <<<$/m) { "" }
  end

  def read(file)
    File.read(File.join(host, file))
  end

  def edit(file, pattern, &)
    text = read(file)
    raise "#{file} has nothing like #{pattern}" unless text.match?(pattern)

    File.write(File.join(host, file), text.sub(pattern, &))
  end

  def rails(*arguments)
    result = run_command(RbConfig.ruby, "bin/rails", *arguments, chdir: host)
    raise "#{arguments.join(" ")} failed: #{result.stdout}#{result.stderr}" unless result.success?

    result.stdout
  end

  def written(folder)
    Dir[File.join(host, folder, "**/*.rb")].map { |path| File.basename(path).sub(/\A\d{14}_/, "") }
  end

  def template(name)
    File.read(File.join(Leftovers::CHECKOUT, "lib/generators/crm_sync/install/templates", "#{name}.rb.tt"))
  end

  Databases::NAMES.each do |kind, name|
    context "on #{name}", timeout: 240 do
      using_database kind, fresh: true

      before do
        tables = %i[crm_sync_states crm_sync_outbox crm_sync_runs crm_sync_changes]
        tables.each { |table| ActiveRecord::Base.connection.drop_table(table) }
      end

      it "writes what a sync needs to run, once migrated" do
        rails "generate", "crm_sync:install", "--recipe", "openstax_accounts"
        rails "db:migrate"
        said = rails "runner", <<~RUBY
          require "crm_sync/testing"
          user = User.create!(state: "activated")
          EmailAddress.create!(user: user, value: "ann@b.edu", verified: true)
          contact = { "Id" => "0034C00000VaYfKQAV", "Email" => "Ann@b.edu", "Faculty_Verified__c" => "Confirmed" }
          CrmSync::Testing::Salesforce.start(records: { "Contact" => [contact], "Lead" => [] }) do
            puts UpdateUserSalesforceInfo.call.status, UpdateUserSalesforceInfo.plan.empty?
          end
          puts user.reload.salesforce_contact_id, CrmSync::StateRow.count, CrmSync::OutboxRow.count
        RUBY
        expect(said.split).to eq(%w[applied true 0034C00000VaYfKQAV 1 0])
      end
    end
  end

  context "without a database" do
    using_database :sqlite

    it "leaves what is there as it is when it is run again" do
      2.times do
        rails "generate", "crm_sync:install"
        edit("config/initializers/crm_sync.rb", /\z/) { "# mine\n" }
        edit("app/syncs/user_sync.rb", /\z/) { "# mine\n" }
      end
      expect(written("db/migrate")).to eq(%w[create_crm_sync_tables.rb])
      expect(written("app/syncs")).to eq(%w[user_sync.rb])
      expect(read("config/initializers/crm_sync.rb")).to eq("#{template("initializer")}# mine\n# mine\n")
      expect(read("app/syncs/user_sync.rb")).to eq("#{template("empty")}# mine\n# mine\n")
    end

    it "writes an empty sync that says what it lacks" do
      rails "generate", "crm_sync:install"
      said = rails "runner", "begin; UserSync.plan; rescue CrmSync::Error => e; puts e.class, e.message; end"
      expect(said).to match(/\ACrmSync::MappingError\nUserSync does not say its contacts; add: contacts "Contact"/)
    end
  end

  it "has the recipe that the dummy runs, but for subject and recipients of the mail" do
    dummy = File.read(File.join(ChildProcess::DUMMY, "app/routines/update_user_salesforce_info.rb"))
    declared = [dummy, template("openstax_accounts")].map { |text| text[/^class .*?(?=^    DevMailer)/m] }
    expect(declared.first).to eq(declared.last)
  end
end
