# frozen_string_literal: true

require_relative "both_writers"

# Hosts with tables of their own: people, and the mails that belong to them.
#
#   on_each_host_database { … }           "on SQLite" and "on PostgreSQL", whose tables each example makes
#   people_table { |t| t.integer :seats }       makes the tables and the models Person and Mail
#   sync = person_sync { attribute :seats, from: "Seats__c" }
module HostWorld
  ALL = BothWriters::ALL

  def self.included(group)
    group.include ContactSyncWorld
    group.extend Groups
  end

  # For groups.
  module Groups
    def on_each_host_database(&examples) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it within a block
      Databases::NAMES.each do |kind, name|
        context("on #{name}") do
          using_database(kind, fresh: true)
          class_exec(kind, &examples) # rubocop:disable Naming/BlockForwarding
        end
      end
    end

    def on_host_postgresql(&examples) # rubocop:disable Naming/BlockForwarding
      context("on PostgreSQL") do
        using_database(:postgresql, fresh: true)
        class_exec(:postgresql, &examples) # rubocop:disable Naming/BlockForwarding
      end
    end
  end

  def people_table(contact: :string, null: true, address: :string, limit: nil, &columns)
    tables.create_table(:people, force: true) do |t|
      t.column(:contact, contact, null:, limit:) unless contact == :none
      columns&.call(t)
    end
    tables.create_table(:mails, force: true) { |t| [t.bigint(:person_id), t.column(:address, address)] }
    people_models
  end

  # The models again, of tables that were changed.
  def people_models
    tables.clear_cache!
    tables.schema_cache.clear!
    stub_const("Mail", Class.new(ActiveRecord::Base) { scope :known, -> { where.not(address: nil) } })
    stub_const("Person", Class.new(ActiveRecord::Base) { has_many :mails })
  end

  def person(email = nil, **columns)
    Person.create!(**columns).tap { |person| Mail.create!(person_id: person.id, address: email) if email }
  end

  # An enum of people. Rails 7.0 has brought the form that newer ones insist on.
  def person_enum(column, values)
    old = ActiveRecord.version < Gem::Version.new("7.0")
    old ? Person.enum(column => values, _prefix: true) : Person.enum(column, values, prefix: true)
  end

  def person_sync(way = :records, &declaration)
    stub_const("PersonSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :contact
      sync.match_by(:mails, column: :address, to: %w[Email]) { trust :known }
      sync.class_exec(&declaration) if declaration
      sync.write way
    end
  end

  # The ways of writing that a kind of database has.
  def ways(kind)
    kind == :postgresql ? BothWriters::WAYS : %i[records]
  end

  # Skips the example on an older server.
  def needs_postgresql(major)
    skip "needs PostgreSQL #{major}" if tables.database_version < major * 10_000
  end

  # Expects that the declaration is refused on first use, by a line of it.
  def expect_refusal(sync, problem)
    salesforce_has unless salesforce
    expect { sync.plan }.to raise_error(CrmSync::MappingError, /^\S+\.rb:\d+: .*#{problem}/)
  end

  def tables
    ActiveRecord::Base.connection
  end

  # A type under which the database has another text than the model, each time another one where it is +salted+.
  def sealed(salted: false)
    salt = salted ? -> { SecureRandom.hex(4) } : -> { "salt" }
    Class.new(ActiveRecord::Type::String) do
      define_method(:serialize) { |value| value && ["#{salt.call}:#{value}"].pack("m0") }
      define_method(:deserialize) { |text| text && text.unpack1("m0").split(":", 2).last }
      def changed_in_place?(raw, value) = deserialize(raw) != value
    end.new
  end
end
