# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Covers a model whose records load no association by themselves, with a callback, a hook and a write-back that ask for
# the addresses: what works in a batch works for a record that is read alone as well.
RSpec.describe "a host with strict_loading_by_default" do
  include ContactSyncWorld

  before do
    stub_const("Strict", Class.new(User) { self.strict_loading_by_default = true })
    Strict.has_many :contact_infos, foreign_key: :user_id
    Strict.before_save { contact_infos.to_a }
    Strict.define_method(:address) { contact_infos.map(&:value).min }
  end

  def strict_sync(way, **options, &more)
    stub_const("StrictSync", Class.new(CrmSync::ContactSync)).class_exec do
      contacts "Contact"
      model "Strict", foreign_key: :salesforce_contact_id
      match_by(:contact_infos, column: :value, to: %w[Email]) { trust :verified }
      link_when :activated
      attribute :last_name, from: "LastName"
      after_link { |user, _| user.contact_infos.to_a }
      write(way, **options)
      class_exec(&more) if more
      self
    end
  end

  def teachers(count)
    contacts = Array.new(count) { |n| contact("teacher#{n}@b.edu", "LastName" => "Lee#{n}") }
    salesforce_has(*contacts)
    contacts.each { |row| create_user(email: row["Email"]) }
  end

  on_each_database do |kind|
    ways = [[:records, {}], [:records, { batch: 1 }], [:set_based, {}]].first(kind == :postgresql ? 3 : 2)
    [1, 3].each do |count|
      ways.each do |way, options|
        it "writes #{count}, with write #{way.inspect} #{options} and a write-back" do
          teachers(count)
          run = strict_sync(way, **options) { write_back "Fax", with: :address, on: :link }.call(allow: { effects: 9 })
          expect([run.errors, run.applied.size]).to eq([[], count])
          expect(salesforce.records("Contact").map { |row| row["Fax"] == row["Email"] }).to eq([true] * count)
        end

        it "writes #{count}, with write #{way.inspect} #{options} and no write-back" do
          teachers(count)
          run = strict_sync(way, **options).call
          expect([run.errors, run.applied.size]).to eq([[], count])
        end
      end
    end

    it "writes records that the database rewrites, which are read once more" do
      teachers(2)
      sync = strict_sync(:records) { write_back "Fax", with: :address, on: :link }
      Strict.after_save { self.class.where(id:).update_all("last_name = upper(last_name)") }
      run = sync.call(allow: { effects: 9 })
      expect([run.errors, run.applied.size, User.pluck(:last_name).sort]).to eq([[], 2, %w[LEE0 LEE1]])
    end
  end
end
