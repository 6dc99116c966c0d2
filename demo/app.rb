# frozen_string_literal: true

# The app that the contact demo syncs: a database in memory, a few models, and what `rails generate crm_sync:install`
# writes into a host, read from where the generator has it.
ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: ":memory:")
ActiveRecord::Migration.verbose = false

templates = File.expand_path("../lib/generators/crm_sync/install/templates", __dir__)
load File.join(templates, "create_crm_sync_tables.rb.tt")
CreateCrmSyncTables.migrate(:up)

ActiveRecord::Schema.define do
  create_table :users do |t|
    t.string :name
    t.string :state, null: false, default: "activated"
    t.boolean :is_newflow, null: false, default: false
    t.string :salesforce_contact_id, index: true
    t.integer :faculty_status, null: false, default: 0
    t.integer :school_type, null: false, default: 0
    t.integer :school_location, null: false, default: 0
    t.boolean :using_openstax, default: false
    t.boolean :is_kip
    t.boolean :grant_tutor_access
  end

  create_table :contact_infos do |t|
    t.bigint :user_id, null: false, index: true
    t.string :value
    t.boolean :verified, default: false
    t.boolean :is_school_issued
    t.index "lower(value), verified", name: "index_contact_infos_on_lower_value_and_verified"
  end

  create_table :security_logs do |t|
    t.bigint :user_id
    t.string :event_type
    t.text :event_data
    t.datetime :created_at
  end
end

# The base of the models.
class ApplicationRecord < ActiveRecord::Base
  self.abstract_class = true

  # Rails 6.1 takes an enum as keywords only, Rails 8 as a name and values only.
  def self.choices(name, *values)
    values = values.each_with_index.to_h
    ActiveRecord::VERSION::MAJOR < 7 ? enum(name => values) : enum(name, values)
  end
end

# A user's e-mail address.
class ContactInfo < ApplicationRecord
  scope :verified, -> { where(verified: true) }
  scope :school_issued, -> { where(is_school_issued: true) }
end

# A person with an account.
class User < ApplicationRecord
  choices :faculty_status, :no_faculty_info, :pending_faculty, :confirmed_faculty, :rejected_faculty
  choices :school_type, :unknown_school_type, :other_school_type, :college, :high_school, :k12_school, :home_school
  choices :school_location, :unknown_school_location, :domestic_school, :foreign_school

  has_many :contact_infos
  scope :activated, -> { where(state: "activated") }
  scope :legacy, -> { where(is_newflow: false) }

  def guessed_preferred_confirmed_email
    contact_infos.verified.order(:id).pick(:value)
  end
end

# The audit trail.
class SecurityLog < ApplicationRecord
  belongs_to :user
  attribute :event_data, :json
end

# Defines the names in the recipe's report of problems, which is never made here, inside the sync, so that nothing else
# takes them for Rails.
class UpdateUserSalesforceInfo < CrmSync::ContactSync
  Rails = Module.new
  DevMailer = Module.new
  Settings = Module.new
  Settings::Salesforce = Module.new
end

load File.join(templates, "openstax_accounts.rb.tt")

# Adds this host's own rule to the recipe: nobody loses a confirmation because somebody asked for another look.
class UpdateUserSalesforceInfo
  protect :faculty_status, from: :confirmed_faculty, to: :pending_faculty
end
