# frozen_string_literal: true

require_relative "../../sync/plan_codec"
require_relative "../decide/costs"
require_relative "../declare/declared_values"
require_relative "../read/shared_value"
require_relative "../write/premises"
require_relative "kept_contact"
require_relative "stored_values"

module CrmSync
  module Contacts
    # Converts changes of a contact sync to the form in which a file keeps them, and back.
    class PlanCodec < Internal::PlanCodec
      ACTIONS = %w[link relink update unlink lead sweep].freeze
      # The classes beside String that JSON has, too.
      KNOWN = [Integer, TrueClass, FalseClass, NilClass].freeze
      # The mark of a value that is kept as it is in the database.
      STORED = "stored"
      # The form of what a stored change has beside that of all syncs.
      FORM = { "contact" => KeptForm::Maybe.new(KeptForm::TEXT), "premises" => Premises::FORM }.freeze
      # Number of changes without their links of which is kept what was made of them.
      RECENT = 1_000
      private_constant :ACTIONS, :KNOWN, :STORED, :FORM, :RECENT

      # @param schema [CrmSync::Contacts::Schema]
      # @param org_host [String]
      # @param partition [String, nil] the part of the app that the plan is for
      def initialize(schema, org_host, partition)
        super()
        @partition = partition
        @schema = schema
        @declaration = schema.declaration
        @link = schema.link.name.to_s
        @recent = {}
        @org_host = org_host
        @values = DeclaredValues.new(schema)
        @stored = StoredValues.new(schema)
        @costs = Costs.new(schema)
        @premises = Premises.new(schema)
      end

      # @return [Hash{String => String}] the Salesforce org, the database and the partition that the plan belongs to
      def origin
        { "Salesforce org" => @org_host, "database" => @schema.place, "partition" => @partition }.compact
      end

      # (see CrmSync::Internal::PlanCodec#changes)
      def changes(rows, header)
        known(header.stale) { super }
      end

      # (see CrmSync::Internal::PlanCodec#load)
      def load(row, stale)
        known(stale) { super }
      end

      private

      def known(stale)
        yield
      rescue ArgumentError, KeyError, RangeError => e
        stale.call("it has a value that its column cannot have: #{Presentable.text(e.message)}")
      end

      def actions
        ACTIONS
      end

      def form
        FORM
      end

      def facts(change)
        { "contact" => change.contact_id, "premises" => @premises.dump(change.basis) }
      end

      # Returns values as people know them if JSON has such, and others as they are in the database.
      def plain(values)
        values.to_h do |column, value|
          [column, known?(value) ? value : { STORED => @stored.dump(column, value) }]
        end
      end

      # Returns whether JSON has it as it is: bytes that are not text it has not.
      def known?(value)
        return KNOWN.any? { |kind| value.is_a?(kind) } unless value.is_a?(String)

        value.ascii_only? || (value.encoding == Encoding::UTF_8 && value.valid_encoding?)
      end

      # Reads and checks what changes have in common once, and only their links one by one: most have the same few values.
      def sides(row, stale)
        kept = row.values_at("before", "after")
        others = kept.map { |side| side.except(@link) }
        known = recent([row["action"], *others]) do
          super({ **row, "before" => others.first, "after" => others.last }, stale).each(&:freeze)
        end
        check_contact(row, *kept, stale)
        known.zip(kept).map { |values, side| side.key?(@link) ? { **value(@link, side[@link]), **values } : values }
      end

      # Returns what the block has made of the key, if that was not long ago.
      def recent(key)
        @recent.fetch(key) do
          made = yield
          @recent.clear if @recent.size >= RECENT
          @recent[key] = made
        end
      end

      def values(side, stale)
        undeclared = side.keys.find { |name| @schema.columns.exclude?(name.to_sym) }
        stale.call("it writes the column #{Presentable.text(undeclared)}, which the declaration does not") if undeclared
        side.map { |name, value| value(name, value) }.reduce({}, :merge)
      end

      # Returns the value of a column, by its name.
      def value(name, value)
        column = name.to_sym
        value = value.is_a?(Hash) ? @stored.load(column, value.fetch(STORED)) : @schema.type(column).cast(value)
        { column => SharedValue.of(value) }
      end

      def check(row, before, after, stale)
        stale.call("it has #{row["action"]}s, which the declaration does not") unless declared?(row["action"])
        after.each { |column, value| check_value(column, before[column], value, row, stale) }
      end

      def check_contact(row, before, after, stale)
        contact = KeptContact.new(row)
        key = Presentable.text(row["key"])
        stale.call("it has a #{row["action"]} of #{key} that does not fit its contact") unless contact.fits?
        stale.call("it does not say what #{key} was before") unless before.key?(@link) == after.key?(@link)
        return if !after.key?(@link) || contact.written?(after[@link])

        stale.call("it changes the contact of #{key} in a way that no #{row["action"]} does")
      end

      # Returns whether the declaration has changes of this kind.
      def declared?(action)
        case action
        when "unlink" then !@declaration.keep_missing?
        when "lead" then @declaration.lead_rules
        when "sweep" then @declaration.sweep
        else true
        end
      end

      def check_value(column, before, value, row, stale)
        return if @values.allow?(row["action"], column, before, value)

        stale.call("it writes #{column}: #{Presentable.value(row["after"][column.to_s])}, which no #{row["action"]} of " \
                   "the declaration does")
      end

      def change(row, stale, **common)
        Change.new(**common, contact_id: row["contact"], basis: @premises.restore(row["premises"], stale))
      end

      def reckoned(changes)
        @costs.reckoned(changes)
      end
    end
    private_constant :PlanCodec
  end
end
