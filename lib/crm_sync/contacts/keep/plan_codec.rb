# frozen_string_literal: true

require_relative "../../sync/plan_codec"
require_relative "../decide/costs"
require_relative "../decide/type_errors"
require_relative "../declare/declared_values"
require_relative "../write/premises"
require_relative "kept_contact"
require_relative "kept_values"

module CrmSync
  module Contacts
    # Converts changes of a contact sync to the form in which a file keeps them, and back.
    class PlanCodec < Internal::PlanCodec
      ACTIONS = %w[link relink update unlink lead sweep].freeze
      # The form of the parts of a stored change that not all syncs have.
      FORM = { "contact" => KeptForm::Maybe.new(KeptForm::TEXT), "premises" => Premises::FORM }.freeze
      # The number of changes, without their links, whose converted values are cached.
      RECENT = 1_000
      private_constant :ACTIONS, :FORM, :RECENT

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
        @kept_values = KeptValues.new(schema)
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
      rescue StandardError => e
        raise unless TypeErrors.of_value?(e)

        stale.call("it has a value that its column cannot have: #{Presentable.error(e)}")
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

      def plain(values) = @kept_values.dump(values)

      def values(side, stale) = @kept_values.side(side, stale)

      # Reads and checks the parts that changes have in common once, and only their links one by one: most changes have
      # the same few.
      def sides(row, stale)
        kept = row.values_at("before", "after")
        others = kept.map { |side| side.except(@link) }
        known = recent([row["action"], *others]) do
          super({ **row, "before" => others.first, "after" => others.last }, stale).each(&:freeze)
        end
        check_contact(row, *kept, stale)
        known.zip(kept).map { |values, side| { **@kept_values.side(side.slice(@link), stale), **values } }
      end

      # Returns the result of the block for a key, from the cache if it was asked for not long ago.
      def recent(key)
        @recent.fetch(key) do
          made = yield
          @recent.clear if @recent.size >= RECENT
          @recent[key] = made
        end
      end

      def check(row, before, after, stale)
        stale.call("it has #{row["action"]}s, which the declaration does not") unless declared?(row["action"])
        after.each { |column, value| check_value(column, before[column], value, row, stale) }
      end

      def check_contact(row, before, after, stale)
        contact = KeptContact.new(row)
        key = Presentable.text(row["key"])
        stale.call("it has a change (#{row["action"]}) of #{key} that does not fit its contact") unless contact.fits?
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

        written = Presentable.value(row["after"][column.to_s])
        stale.call("it writes #{column}: #{written}, which no #{row["action"]} of the declaration does")
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
