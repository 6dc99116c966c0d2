# frozen_string_literal: true

require_relative "../decide/costs"
require_relative "../declare/declared_values"
require_relative "kept_contact"
require_relative "stored_values"

module CrmSync
  module Contacts
    # Converts changes of a contact sync to the form in which a file keeps them, and back. A change from a file is
    # checked against the declaration of today: it can write nothing that the declaration could not.
    class PlanCodec
      # The actions that a stored plan may have.
      ACTIONS = %w[link relink update unlink lead sweep].freeze
      # The classes that JSON has, too.
      KNOWN = [String, Integer, TrueClass, FalseClass, NilClass].freeze
      # The mark of a value that is kept as it is in the database.
      STORED = "stored"
      private_constant :ACTIONS, :KNOWN, :STORED

      # @param schema [CrmSync::Contacts::Schema]
      # @param org_host [String]
      def initialize(schema, org_host)
        @schema = schema
        @declaration = schema.declaration
        @org_host = org_host
        @values = DeclaredValues.new(schema)
        @stored = StoredValues.new(schema)
      end

      # @return [Hash{String => String}] the Salesforce org and the database that the plan belongs to
      def origin
        { "Salesforce org" => @org_host, "database" => @schema.place }
      end

      # @param change [CrmSync::Contacts::Change]
      # @return [Hash{String => Object}] for JSON
      def dump(change)
        basis = change.basis
        {
          "action" => change.action, "key" => change.key, "before" => plain(change.before),
          "after" => plain(change.after), "reason" => change.reason, "budgets" => change.budgets,
          "contact" => change.contact_id, "premises" => { "link" => basis.link, "address" => basis.address,
                                                          "trust" => tier(basis)&.scope }.compact
        }
      end

      # @param rows [Array<Hash{String => Object}>] as JSON reads them
      # @param header [CrmSync::PlanHeader]
      # @return [Array<CrmSync::Contacts::Change>] the changes, with the costs that the declaration gives them; the
      #   costs in the file are ignored
      def changes(rows, header)
        loaded = rows.map { |row| load(row, header.stale) }
        header.check_changes(loaded)
        costs = Costs.new(@schema)
        loaded.map { |change| costs.reckoned(change) }
      end

      # @param row [Hash{String => Object}] as JSON reads it
      # @param stale [Proc] raises, with the problem
      # @return [CrmSync::Contacts::Change]
      def load(row, stale)
        check(row, stale)
        Change.new(
          action: row["action"].to_sym, key: row["key"], before: cast(row["before"]),
          after: cast(row["after"]), reason: row["reason"], budgets: row["budgets"].map(&:to_sym),
          contact_id: row["contact"], basis: basis(row["premises"], stale)
        )
      rescue ArgumentError, KeyError, RangeError => e
        stale.call("it has a value that its column cannot have: #{Presentable.text(e.message)}")
      end

      private

      # Returns values as people know them if JSON has such, and others as they are in the database.
      def plain(values)
        values.to_h do |column, value|
          known = KNOWN.any? { |kind| value.is_a?(kind) }
          [column, known ? value : { STORED => @stored.dump(column, value) }]
        end
      end

      def cast(values)
        values.to_h { |column, value| [column.to_sym, value_of(column, value)] }
      end

      def value_of(column, value)
        value.is_a?(Hash) ? @stored.load(column, value.fetch(STORED)) : @schema.type(column).cast(value)
      end

      def tier(basis)
        basis.tier && @declaration.tiers[basis.tier]
      end

      def basis(premises, stale)
        trust = premises["trust"]
        tier = trust && @declaration.tiers.index { |known| known.scope.to_s == trust }
        stale.call("it trusts #{trust}, which the declaration does not any more") if trust && tier.nil?
        Premises::Basis.new(
          key_name: :"#{@schema.model.model_name.element}_id", link_name: @declaration.foreign_key,
          link: premises["link"], address: premises["address"], tier:
        ).freeze
      end

      def check(row, stale)
        stale.call("it has a change of an unknown kind") unless ACTIONS.include?(row["action"])
        needed = { "lead" => @declaration.lead_rules, "sweep" => @declaration.sweep }.fetch(row["action"], true)
        stale.call("it has #{row["action"]}s, which the declaration does not") unless needed
        row["after"].each { |column, value| check_value(column.to_sym, value, row, stale) }
        stale.call("it does not say what #{row["key"]} was before") unless row["before"].keys == row["after"].keys
        return if KeptContact.new(row).fits?

        stale.call("it has a #{row["action"]} of #{row["key"]} that does not fit its contact")
      end

      def check_value(column, value, row, stale)
        return check_link(value, row, stale) if column == @declaration.foreign_key

        unless @declaration.columns.include?(column)
          stale.call("it writes the column #{column}, which the declaration does not")
        end
        return if @values.allow?(row["action"], column, value_of(column, value))

        problem = "it writes #{column}: #{Presentable.value(value)}, which no #{row["action"]} of the declaration does"
        stale.call(problem)
      end

      def check_link(value, row, stale)
        return if KeptContact.new(row).written?(value)

        stale.call("it changes the contact of #{row["key"]} in a way that no #{row["action"]} does")
      end
    end
    private_constant :PlanCodec
  end
end
