# frozen_string_literal: true

require "rails_helper"
require "support/contact_sync_world"

# Tries the scopes that a host can have. Only a condition on rows can be the scope of a sync.
RSpec.describe "a host's scopes" do
  include ContactSyncWorld

  # A model of addresses with these scopes, and a sync that trusts one of them.
  def trusting(name, association: nil, default: nil, **scopes)
    addresses(default, scopes)
    people(association)
    declared { match_by(:mails, column: :value, to: %w[Email]) { trust name } }
  end

  def addresses(default, scopes)
    stub_const("Address", Class.new(ContactInfo) { self.table_name = "contact_infos" })
    Address.inheritance_column = "none"
    Address.send(:default_scope, &default) if default
    blocks, methods = scopes.partition { |_, body| body.is_a?(Proc) }
    blocks.each { |name, body| Address.scope(name, body) }
    methods.each { |name, result| Address.define_singleton_method(name) { result } }
  end

  def people(association = nil, default: nil, **scopes)
    stub_const("Person", Class.new(ApplicationRecord) { self.table_name = "users" })
    Person.send(:default_scope, &default) if default
    scopes.each { |name, body| Person.scope(name, body) }
    stub_const("Address", Class.new(ContactInfo)) unless Object.const_defined?(:Address)
    Person.has_many(:mails, association, class_name: "Address", foreign_key: :user_id)
  end

  def declared(&more) # rubocop:disable Naming/BlockForwarding -- Ruby 3.3.0 forbids it
    stub_const("ScopedSync", Class.new(CrmSync::ContactSync)).tap do |sync|
      sync.contacts "Contact"
      sync.model "Person", foreign_key: :salesforce_contact_id
      sync.class_exec(&more) # rubocop:disable Naming/BlockForwarding
    end
  end

  def refused(sync, problem)
    salesforce_has
    expect { sync.plan }.to raise_error(CrmSync::MappingError) { |error|
      expect(error.message).to match(problem)
      expect(error.message).not_to include("ann@b.edu")
    }
  end

  def links(sync)
    @ann = create_user(email: "ann@b.edu")
    salesforce_has contact("ann@b.edu")
    sync.call.applied.map(&:key)
  end

  on_each_database do
    { "a limit" => -> { limit(1) }, "an offset" => -> { offset(1) }, "a group" => -> { group(:user_id) },
      "a having" => -> { having("COUNT(*) > 1") }, "a from" => -> { from("contact_infos") },
      "a lock" => -> { lock } }.each do |what, scope|
      it "are refused with #{what}, by name and line" do
        create_user(email: "ann@b.edu")
        refused(trusting(:odd, odd: scope), /scopes_spec.rb:\d+: the scope Address.odd has #{what}/)
      end
    end

    it "are refused where they need an argument, give a list, or give nothing" do
      create_user(email: "ann@b.edu")
      refused(trusting(:of, of: ->(kind) { where(type: kind) }),
              /scopes_spec.rb:\d+: the scope Address.of cannot be called without arguments .wrong number/)
      refused(trusting(:listed, listed: ContactInfo.all.to_a), /:\d+: the scope Address.listed gives .* Array/)
      refused(trusting(:nothing, nothing: nil), /:\d+: the scope Address.nothing gives nil/)
      refused(trusting(:blank, blank: -> { where(verified: true) if false }), # rubocop:disable Lint/LiteralAsCondition
              /:\d+: the scope Address.blank has no condition, .* name the scope :all/)
      refused(trusting(:others, others: User.all), /:\d+: the scope Address.others gives/)
    end

    it "are refused with a limit also where they are default scopes, or the association's" do
      refused(trusting(:all, default: -> { limit(1) }), /:\d+: the default scope of Address has a limit/)
      refused(trusting(:all, association: -> { offset(1) }),
              /:\d+: the scope of the association Person.mails has an offset/)
      refused(trusting(:all, association: ->(person) { where(value: person.uuid) }),
              /:\d+: the scope of the association Person.mails has an argument/)
      people(default: -> { limit(1) })
      refused(declared { match_by(:mails, column: :value, to: %w[Email]) { trust :all } },
              /:\d+: the default scope of Person has a limit/)
      people(few: -> { limit(1) })
      refused(declared do
        match_by(:mails, column: :value, to: %w[Email]) { trust :all }
        link_when :few
      end, /:\d+: the scope Person.few has a limit/)
    end

    { "all" => [:all, {}], "an order" => [:sorted, { sorted: -> { where(verified: true).order(:value) } }],
      "a join" => [:own, { own: -> { joins("JOIN users ON users.id = user_id").where(verified: true) } }],
      "distinct rows" => [:once, { once: -> { where(verified: true).distinct } }],
      "eager loads" => [:eager, { eager: -> { includes(:user).where(users: { state: "activated" }) } }] }
      .each do |what, (name, scopes)|
      it "can have #{what}" do
        sync = trusting(name, **scopes)
        Address.belongs_to(:user) if scopes.key?(:eager)
        expect(links(sync)).to eq([@ann.id])
      end
    end

    it "let nobody pass with none" do
      expect(links(trusting(:nobody, nobody: -> { none }))).to eq([])
    end

    it "do not take the place of the association's condition on the same column" do
      claimed = -> { where(verified: [true, false]) }
      sync = trusting(:claimed, association: -> { where(verified: true) }, claimed:)
      create_user(email: "bob@b.edu", verified: false)
      @ann = create_user(email: "ann@b.edu")
      salesforce_has contact("ann@b.edu"), contact("bob@b.edu")
      expect(sync.call.applied.map(&:key)).to eq([@ann.id])
    end

    { "an order" => -> { order(:uuid) }, "a select" => -> { select(:id, :uuid) },
      "a join" => -> { left_outer_joins(:security_logs).distinct } }.each do |what, scope|
      it "can be default scopes with #{what}" do
        addresses(nil, verified: -> { where(verified: true) })
        people
        Person.has_many(:security_logs, foreign_key: :user_id)
        Person.send(:default_scope, &scope)
        users = Array.new(2) { |n| create_user(email: "teacher#{n}@b.edu") }
        salesforce_has(*Array.new(2) { |n| contact("teacher#{n}@b.edu") })
        run = declared { match_by(:mails, column: :value, to: %w[Email]) { trust :verified } }.call
        expect([run.errors, run.applied.map(&:key)]).to eq([[], users.map(&:id)])
        run.undo!
        expect(Person.where.not(salesforce_contact_id: nil).count(:id)).to eq(0)
      end
    end
  end
end
