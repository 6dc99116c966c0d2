# frozen_string_literal: true

require "rails_helper"
require "support/both_writers"

# Columns of all kinds, in a table with names of all kinds: both ways of writing leave the same there.
RSpec.describe "the types of columns" do
  include BothWriters

  using_database :postgresql, fresh: true

  # A type whose values in the database differ from those of the model.
  shouted = Class.new(ActiveRecord::Type::String) do
    def deserialize(value) = value&.downcase&.squish
    def serialize(value) = value&.upcase
  end

  let(:values) do
    { plain: { "a" => [1, nil] }, packed: { "b" => "ü" }, ranks: [3, 1, nil], tags: ["a,b", "{\"}", nil], amount: 12.34,
      share: 0.1, seen: Time.utc(2022, 2, 24, 4, 30, 1, 123_456), born: Date.new(1999, 12, 31),
      raw: "\x00\\'\xff".b, feeling: "glad", few: 7, shout: "hello you", nick: "Ann", alias: "Al",
      order: "it's \"\n\\N" }
  end

  before(:context) do
    ActiveRecord::Base.connection.execute(<<~SQL)
      CREATE EXTENSION citext;
      CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TYPE mood AS ENUM ('sad', 'glad');
      CREATE DOMAIN few AS integer CHECK (VALUE < 10);
      CREATE TABLE mails ("member id" text COLLATE "C", address citext);
      CREATE TABLE members (
        "the ""key""" uuid PRIMARY KEY, contact citext, plain json, packed jsonb, ranks integer[],
        tags text[],
        amount numeric(8, 2), share double precision, seen timestamp(3), born date, raw bytea, feeling mood, few few,
        code text, shout varchar(12), nick citext, alias text COLLATE loose, "order" text, updated_on date, lock_version bigint,
        twice integer GENERATED ALWAYS AS (few * 2) STORED
      )
    SQL
  end

  before do
    stub_const("Mail", Class.new(ActiveRecord::Base) { scope :known, -> { where.not(address: nil) } })
    stub_const("Member", Class.new(ActiveRecord::Base) do
      self.primary_key = 'the "key"'
      has_many :mails, foreign_key: "member id"
      attribute :shout, shouted.new
    end)
    salesforce_has contact("bob@b.edu")
    2.times { |n| Member.create!(id: SecureRandom.uuid, code: "m#{n}", plain: { "x" => 1 }, shout: "old", nick: "Bob") }
  end

  def member_syncs(&)
    BothWriters::WAYS.to_h do |way|
      sync = stub_const("MemberSync", Class.new(CrmSync::ContactSync))
      sync.contacts "Contact"
      sync.model "Member", foreign_key: :contact
      sync.match_by(:mails, column: :address, to: %w[Email]) { trust :known }
      sync.class_exec(&)
      sync.write way
      [way, sync]
    end
  end

  # Applies both plans to the same rows, expects the same results, and returns one of them.
  def write_members(syncs)
    plans = syncs.transform_values(&:plan)
    yield if block_given?
    keep_rows
    results = plans.transform_values do |plan|
      put_rows_back
      [plan.apply(allow: BothWriters::ALL), members]
    end
    expect(told(*results[:set_based])).to eq(told(*results[:records]))
    results[:set_based]
  end

  def told(run, rows)
    [run.applied.map(&:key), run.stale.transform_keys(&:key), run.errors.map { |error| error.to_a.first(2) }, rows]
  end

  def members
    Member.order(:code).map(&:attributes)
  end

  # Nothing can be put into the column that is generated. The history goes, too: a value that was written again and
  # again would be left alone.
  def put_rows_back
    CrmSync::ChangeRow.delete_all
    names = (Member.column_names - ["twice"]).map { |name| Member.connection.quote_column_name(name) }.join(", ")
    execute("DELETE FROM mails", "INSERT INTO mails SELECT * FROM kept.mails", "DELETE FROM members",
            "INSERT INTO members (#{names}) SELECT #{names} FROM kept.members")
  end

  it "are written as a save writes them" do
    set = values
    run, rows = write_members(member_syncs { unmatched set: })
    expect(run.applied.size).to eq(2)
    expect(rows).to all(include("plain" => values[:plain], "tags" => values[:tags], "raw" => values[:raw],
                                "twice" => 14, "shout" => "hello you", "lock_version" => 1))
    expect(rows).to all(include("updated_on" => Date.current))
  end

  it "are emptied as a save empties them" do
    Member.all.each { |member| member.update!(values) } # find_each cannot order by this key in Rails 7
    set = values.transform_values { nil }
    run, rows = write_members(member_syncs { unmatched set: })
    expect(run.applied.size).to eq(2)
    expect(rows).to all(include(set.stringify_keys))
  end

  it "do not keep a user from being linked, whatever their own equality is" do
    Mail.create!("member id" => Member.first.id, address: "BOB@b.edu")
    _, rows = write_members(member_syncs { attribute :order, from: "Id" })
    expect(rows.map { |row| row["contact"] }).to match_array([nil, salesforce.records("Contact").first["Id"]])
  end

  it "are unchanged where only the database sees a difference" do
    Member.update_all("plain = '{ \"x\":  1 }', shout = ' Old '")
    run, = write_members(member_syncs { unmatched set: { plain: { "y" => 2 }, shout: "new" } })
    expect(run.applied.size).to eq(2)
  end

  it "are changed where only the model sees a difference" do
    Member.update_all(alias: "Bob")
    { nick: "BOB", alias: "bob" }.each do |column, other|
      run, = write_members(member_syncs { unmatched set: { nick: "Eve", alias: "Eve" } }) do
        Member.where(code: "m1").update_all(column => other)
      end
      expect(run.stale.values).to eq(["#{column} has changed"])
      Member.update_all(nick: "Bob", alias: "Bob")
    end
  end

  it "refuse a value with an error of the record, unless that is stale anyway" do
    run, = write_members(member_syncs { unmatched set: { few: 70 } }) do
      Member.where(code: "m1").update_all(few: 1)
    end
    expect(run.errors.size).to eq(1)
    expect(run.stale.values).to eq(["few has changed"])
  end

  it "are refused on first use where they are not to be written" do
    Member.attr_readonly :born
    { born: /members.born is attr_readonly/, twice: /members.twice is generated/ }.each do |column, problem|
      sync = member_syncs { unmatched set: { column => nil } }[:set_based]
      expect { sync.plan }.to raise_error(CrmSync::MappingError, /\A#{__FILE__}:\d+: #{problem}/)
    end
  end
end
