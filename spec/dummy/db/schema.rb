# frozen_string_literal: true

# The part of the real app's tables that a sync can touch, for SQLite and PostgreSQL alike.
ActiveRecord::Schema.define do
  create_table :users do |t|
    t.string :state, null: false, default: "needs_profile"
    t.string :uuid, null: false, index: { unique: true }
    t.string :support_identifier, null: false, index: { unique: true }
    t.string :first_name
    t.string :last_name
    t.string :salesforce_contact_id, index: true
    t.string :salesforce_lead_id
    t.integer :faculty_status, null: false, default: 0, index: true
    t.integer :school_type, null: false, default: 0
    t.integer :school_location, null: false, default: 0
    t.boolean :using_openstax, default: false
    t.boolean :is_kip
    t.boolean :grant_tutor_access
    t.boolean :is_newflow, null: false, default: false
    t.boolean :is_test
    t.timestamps
  end

  create_table :contact_infos do |t|
    t.string :type
    t.string :value
    t.boolean :verified, default: false
    t.boolean :is_school_issued
    t.bigint :user_id, null: false, index: true
    t.datetime :confirmation_sent_at
    t.timestamps
    t.index %i[value user_id type], unique: true
    t.index "lower(value), verified", name: "index_contact_infos_on_lower_value_and_verified"
  end

  create_table :security_logs do |t|
    t.bigint :user_id, index: true
    t.bigint :application_id
    t.string :remote_ip
    t.integer :event_type, null: false
    t.text :event_data
    t.datetime :created_at, null: false, index: true
  end

  create_table :applications do |t|
    t.string :name
    t.timestamps
  end

  create_table :application_users do |t|
    t.bigint :application_id, null: false
    t.bigint :user_id, null: false, index: true
    t.integer :unread_updates, null: false, default: 1
    t.timestamps
    t.index %i[application_id user_id], unique: true
  end

  create_table :settings do |t|
    t.string :var, null: false, index: { unique: true }
    t.text :value
    t.timestamps
  end

  # >>> The tables of crm_sync: what its migration creates in a host.
  load File.expand_path("../../../lib/generators/crm_sync/install/templates/create_crm_sync_tables.rb.tt", __dir__)
  CreateCrmSyncTables.migrate(:up)
  # <<<
end
