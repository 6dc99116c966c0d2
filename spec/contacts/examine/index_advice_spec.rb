# frozen_string_literal: true

require "rails_helper"
require "support/host_world"

RSpec.describe "CrmSync::Contacts::IndexAdvice" do
  include HostWorld

  let(:connection) { ActiveRecord::Base.connection }

  # The commands that the doctor proposes. It warns of nothing else.
  def proposed(sync)
    schema = CrmSync.const_get(:Contacts).const_get(:Schema).new(sync.declaration)
    CrmSync.const_get(:Contacts).const_get(:HostCheck).run(schema)
    CrmSync.const_get(:Contacts).const_get(:IndexAdvice).new(schema).texts.map { |text| text[/add_index .*\z/] }
  end

  # The commands that the doctor proposes. When they have been executed, it proposes nothing.
  def mended(sync)
    proposed(sync).each { |command| connection.instance_eval(command) }.tap { expect(proposed(sync)).to eq([]) }
  end

  def index(table, columns, **options) = connection.add_index(table, columns, name: "own#{rand(1 << 40)}", **options)

  # A sync whose only key is in the table of people.
  def nick_sync(column = :nick, contact: :contact, **options)
    stub_const("PersonSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Person", foreign_key: contact, **options
      sync.match_by column, to: "Email", as: :email
    end
  end

  def mail_sync(association = :mails)
    person_sync { match_by(association, column: :address, to: %w[Email2__c]) unless association == :mails }
  end

  on_each_host_database do |kind|
    it "proposes none for a primary key" do
      people_table
      sync = person_sync { match_by :id, to: "App_Id__c" }
      expect(proposed(sync).grep(/:id\b/)).to eq([])
    end

    it "proposes what helps" do
      people_table
      expect(mended(person_sync)).to eq(["add_index :people, :contact", 'add_index :mails, "lower(address)"',
                                         "add_index :mails, :person_id"])
    end

    it "is not content with an index whose first column the run does not know" do
      people_table { |t| t.string :state }
      index(:people, %i[state contact])
      index(:mails, "person_id, lower(address)")
      index(:mails, %i[address person_id])
      expect(mended(person_sync)).to eq(["add_index :people, :contact", 'add_index :mails, "lower(address)"'])
    end

    it "counts an index that begins with what the run knows" do
      people_table { |t| [t.string(:nick), t.string(:state), t.datetime(:left_at)] }
      Person.scope(:present, -> { where(left_at: nil) })
      Person.scope(:active, -> { where(state: "a") })
      index(:people, "lower(nick)")
      index(:people, :left_at)
      expect(proposed(nick_sync(scope: :present))).to eq(["add_index :people, :contact"])
      index(:people, :contact, unique: true, where: "left_at IS NULL")
      expect(proposed(nick_sync(scope: :present))).to eq([])
      expect(proposed(nick_sync)).to eq(["add_index :people, :contact"])
      connection.remove_index(:people, :contact)
      index(:people, %i[state contact])
      expect(proposed(nick_sync(scope: :active))).to eq([])
      expect(proposed(nick_sync(scope: :present))).to eq(["add_index :people, :contact"])
    end

    it "is not content with an index that finds the users of a scope" do
      people_table { |t| [t.string(:nick), t.datetime(:left_at)] }
      Person.scope(:mailed, -> { where(id: Mail.select(:person_id)) })
      index(:people, "lower(nick)")
      index(:mails, :person_id)
      expect(mended(nick_sync(scope: :mailed))).to eq(["add_index :people, :contact"])
    end

    it "is content with one index, however few rows there are" do
      people_table { |t| [t.string(:state), t.string(:nick)] }
      Person.create!(nick: "a@b.edu")
      index(:people, %i[state contact])
      index(:people, :contact)
      index(:people, "lower(nick)")
      connection.execute("ANALYZE")
      expect(proposed(nick_sync)).to eq([])
    end

    it "counts the index that Rails makes for a polymorphic association" do
      people_table { |t| t.index :contact }
      connection.create_table(:addresses) { |t| [t.references(:owner, polymorphic: true), t.string(:address)] }
      stub_const("Address", Class.new(ActiveRecord::Base))
      Person.has_many :addresses, as: :owner
      index(:addresses, "lower(address)")
      sync = stub_const("PersonSync", Class.new(CrmSync::ContactSync))
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :contact
      sync.match_by(:addresses, column: :address, to: "Email")
      expect(proposed(sync)).to eq([])
    end

    it "looks at both sides of each join that leads to a key" do
      people_table { |t| [t.index(:contact), t.bigint(:house_id)] }
      connection.create_table(:houses) { |t| t.string :address }
      connection.create_table(:stays) { |t| [t.bigint(:guest_id), t.bigint(:hotel_id), t.datetime(:left_at)] }
      connection.create_table(:hotels) { |t| t.string :address }
      stub_const("House", Class.new(ActiveRecord::Base))
      stub_const("Hotel", Class.new(ActiveRecord::Base))
      stub_const("Stay", Class.new(ActiveRecord::Base) { belongs_to :hotel })
      Person.belongs_to :house, optional: true
      Person.has_many :stays, -> { where(left_at: nil) }, foreign_key: :guest_id
      Person.has_many :hotels, through: :stays
      sync = stub_const("PersonSync", Class.new(CrmSync::ContactSync))
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :contact
      sync.match_by(:house, column: :address, to: "Email")
      sync.match_by(:hotels, column: :address, to: "Email")
      index(:stays, :guest_id, where: "left_at IS NULL")
      expect(mended(sync)).to eq(['add_index :houses, "lower(address)"', "add_index :people, :house_id",
                                  'add_index :hotels, "lower(address)"', "add_index :stays, :hotel_id"])
    end

    it "looks at the rows that hold the contact" do
      people_table(contact: :none) { |t| t.string :nick }
      index(:people, "lower(nick)")
      connection.create_table(:notes) { |t| [t.bigint(:person_id), t.string(:name), t.string(:value)] }
      stub_const("Note", Class.new(ActiveRecord::Base))
      Person.has_one :contact_note, -> { where(name: "contact") }, class_name: "Note"
      sync = nick_sync(contact: :value, through: :contact_note)
      expect(proposed(sync)).to eq(["add_index :notes, :value", "add_index :notes, :person_id"])
      index(:notes, %i[name value])
      index(:notes, %i[person_id name])
      expect(proposed(sync)).to eq([])
    end

    it "proposes commands that can be executed, whatever the names of columns" do
      people_table(contact: :none) { |t| [t.string(:order), t.string("theContact"), t.string("theNick")] }
      expect(mended(nick_sync(:order, contact: :theContact)))
        .to eq(["add_index :people, :theContact", 'add_index :people, "lower(\"order\")"'])
      expect(mended(nick_sync(:theNick, contact: :theContact)))
        .to eq([kind == :sqlite ? 'add_index :people, "lower(theNick)"' : 'add_index :people, "lower(\"theNick\")"'])
    end
  end

  on_host_postgresql do
    before do
      connection.execute("DROP TABLE IF EXISTS people, mails; DROP TYPE IF EXISTS mood")
    end

    after { connection.execute("DROP VIEW IF EXISTS people") if connection.view_exists?(:people) }

    types = { "a date" => %w[date 2020-01-01], "an enum" => %w[mood glad], "a short text" => ["char(3)", "a b"],
              "a UUID" => %w[uuid 0b4c1f6e-7d0f-4c4e-9c53-0a3c5a5d6f11] }
    types.each do |name, (type, key)|
      it "asks about users whose primary key is #{name}" do
        connection.execute("CREATE TYPE mood AS ENUM ('glad', 'sad')")
        connection.execute("CREATE TABLE people (code #{type} PRIMARY KEY, contact varchar)")
        connection.execute("CREATE TABLE mails (id serial PRIMARY KEY, person_id #{type}, address varchar)")
        people_models
        Person.primary_key = "code"
        connection.execute("INSERT INTO people VALUES ('#{key}')")
        expect(mended(person_sync)).to eq(["add_index :people, :contact", 'add_index :mails, "lower(address)"',
                                           "add_index :mails, :person_id"])
      end
    end

    it "asks about a table of partitions, each of which needs the index" do
      connection.execute(<<~SQL)
        CREATE TABLE people (id int, contact varchar, nick varchar) PARTITION BY RANGE (id);
        CREATE TABLE people_a PARTITION OF people FOR VALUES FROM (1) TO (9);
        CREATE TABLE people_b PARTITION OF people FOR VALUES FROM (9) TO (99);
        CREATE INDEX ON people (lower(nick));
        CREATE INDEX ON people_a (contact);
      SQL
      people_models
      Person.primary_key = "id"
      expect(proposed(nick_sync)).to eq(["add_index :people, :contact"])
      connection.execute("CREATE INDEX ON people_b (contact)")
      expect(proposed(nick_sync)).to eq([])
    end

    it "asks about a view, whatever else it reads" do
      connection.execute(<<~SQL)
        CREATE TABLE all_people (id int PRIMARY KEY, contact varchar, nick varchar, kind int);
        CREATE TABLE kinds (id int);
        CREATE VIEW people AS SELECT * FROM all_people WHERE kind IN (SELECT id FROM kinds);
        CREATE INDEX ON all_people (lower(nick));
      SQL
      people_models
      Person.primary_key = "id"
      expect(proposed(nick_sync)).to eq(["add_index :people, :contact"])
      connection.execute("CREATE INDEX ON all_people (contact)")
      expect(proposed(nick_sync)).to eq([])
    end
  end
end
