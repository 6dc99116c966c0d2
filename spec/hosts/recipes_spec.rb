# frozen_string_literal: true

require "rails_helper"
require "support/new_app"

# Each recipe in an app that `rails new` has made, with only what the recipe's head says that it needs. What the recipes
# do there in detail is in the specs of these hosts.
RSpec.describe "a recipe in a new app", timeout: 300 do
  # The user's scopes and columns, what else the app has, and a user and the contact that fits.
  hosts = {
    "devise" => {
      tables: <<~RUBY,
        create_table :users do |t|
          t.string :email, null: false
          t.datetime :confirmed_at
          t.datetime :deleted_at
          t.string :plan
          t.string :salesforce_contact_id
        end
      RUBY
      models: { "User" => <<~RUBY },
        scope :confirmed, -> { where.not(confirmed_at: nil) }
        scope :kept, -> { where(deleted_at: nil) }
      RUBY
      user: 'User.create!(email: "ann@b.edu", confirmed_at: Time.now)',
      contact: { "Email" => "Ann@b.edu", "App_User_Id__c" => nil, "Plan__c" => "Gold" },
      found: "[user.plan, user.salesforce_contact_id]", expected: %w[gold 0034C00000VaYfKQAV]
    },
    "discourse" => {
      tables: <<~RUBY,
        create_table(:users) { |t| [t.string(:username), t.boolean(:active)] }
        create_table(:user_emails) { |t| [t.bigint(:user_id), t.string(:email), t.boolean(:primary)] }
        create_table(:user_custom_fields) { |t| [t.bigint(:user_id), t.string(:name), t.text(:value)] }
        add_index :user_custom_fields, :user_id, unique: true, where: "name = 'salesforce_contact_id'"
        create_table(:groups) { |t| [t.string(:name), t.text(:members)] }
      RUBY
      models: { "User" => <<~RUBY, "UserEmail" => "", "UserCustomField" => "", "Group" => <<~RUBY },
        has_one :primary_email, -> { where(primary: true) }, class_name: "UserEmail"
        has_one :contact_field, -> { where(name: "salesforce_contact_id") }, class_name: "UserCustomField"
        scope :real, -> { where("users.id > 0") }
        scope :activated, -> { where(active: true) }
      RUBY
        def add(user) = update!(members: [*members, user.username].join(","))
      RUBY
      user: <<~RUBY,
        User.create!(username: "ann", active: true).tap do |user|
          UserEmail.create!(user_id: user.id, email: "ann@b.edu", primary: true)
          Group.create!(name: "customers")
        end
      RUBY
      contact: { "Email" => "Ann@b.edu", "Forum_Name__c" => nil },
      found: "[user.contact_field.value, Group.first.members]", expected: %w[0034C00000VaYfKQAV ann]
    },
    "openstax_accounts_today" => {
      tables: <<~RUBY,
        create_table :users do |t|
          t.string :uuid, null: false
          t.string :salesforce_contact_id
          t.integer :faculty_status, null: false, default: 0
          t.integer :school_type, null: false, default: 0
          t.integer :school_location, null: false, default: 0
          t.boolean :using_openstax, default: false
          t.boolean :is_kip
          t.string :adopter_status
          t.bigint :school_id
          t.boolean :is_deleted
        end
        create_table(:schools) { |t| t.string :salesforce_id, null: false }
        create_table(:security_logs) { |t| [t.bigint(:user_id), t.integer(:event_type), t.text(:event_data)] }
      RUBY
      models: { "User" => <<~RUBY, "School" => "", "SecurityLog" => <<~RUBY },
        def self.choices(name, **values) = Rails::VERSION::MAJOR < 7 ? enum(name => values) : enum(name, values)
        choices :faculty_status, no_faculty_info: 0, pending_faculty: 1, confirmed_faculty: 2, rejected_faculty: 3,
                                 pending_sheerid: 4, rejected_by_sheerid: 5, incomplete_signup: 6
        choices :school_type, unknown_school_type: 0, other_school_type: 1, college: 2, high_school: 3, k12_school: 4,
                              home_school: 5
        choices :school_location, unknown_school_location: 0, domestic_school: 1, foreign_school: 2
        belongs_to :school, optional: true
        scope :not_deleted, -> { where(is_deleted: [nil, false]) }
      RUBY
        events = { salesforce_updated_faculty_status: 81, user_contact_id_updated_from_salesforce: 100 }
        Rails::VERSION::MAJOR < 7 ? enum(event_type: events) : enum(:event_type, events)
        attribute :event_data, :json
        belongs_to :user
      RUBY
      user: 'User.create!(uuid: "5d3fc5b4-33b1-4cbb-9b1d-3d8b9bb8f5a1")',
      contact: { "Accounts_UUID__c" => "5D3FC5B4-33B1-4CBB-9B1D-3D8B9BB8F5A1", "FV_Status__c" => "confirmed_faculty",
                 "School_Type__c" => nil, "Adoption_Status__c" => "Past Adopter", "AccountId" => nil },
      found: "[user.faculty_status, user.salesforce_contact_id, *SecurityLog.pluck(:event_type).sort]",
      expected: %w[confirmed_faculty 0034C00000VaYfKQAV salesforce_updated_faculty_status
                   user_contact_id_updated_from_salesforce]
    }
  }

  # Looks at a plan, applies it, and has nothing to do after it; then undoes it.
  def round(host, sync)
    <<~RUBY
      require "crm_sync/testing"
      user = #{host[:user]}
      contact = { "Id" => "0034C00000VaYfKQAV", **#{host[:contact].inspect} }
      CrmSync::Testing::Salesforce.start(records: { "Contact" => [contact] }) do
        planned = #{sync}.plan.changes.map(&:action)
        run = #{sync}.call
        user = User.find(user.id)
        found = #{host[:found]}
        told = #{sync}.explain(user).include?("linked to contact 0034C00000VaYfKQAV")
        puts JSON.generate([planned, run.status, run.errors.map(&:message), found, told, #{sync}.call.status,
                            run.undo!.status])
      end
    RUBY
  end

  hosts.each do |recipe, host|
    it "works that is called #{recipe}" do
      app = NewApp.new(scratch, self, **host.slice(:tables, :models))
      said = app.rails("generate", "crm_sync:install", "--recipe", recipe)
      app.rails("db:migrate")
      sync = said[/puts (\w+)\.plan/, 1]
      expect(JSON.parse(app.rails("runner", round(host, sync)).lines.last))
        .to eq([%w[link], "applied", [], host[:expected], true, "unchanged", "applied"])
    end
  end
end
