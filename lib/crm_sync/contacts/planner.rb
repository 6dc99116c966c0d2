# frozen_string_literal: true

require_relative "../budgets"
require_relative "../change"
require_relative "../database"
require_relative "../issue"
require_relative "../ledger"
require_relative "../outbox"
require_relative "../plan"
require_relative "../presentable"
require_relative "../run"
require_relative "../source_check"
require_relative "../state"
require_relative "numbers"
require_relative "reading"
require_relative "schema"
require_relative "writer"

module CrmSync
  module Contacts
    # Makes plans: has both sides read, hands the rules to the core, and turns its numbers back into values.
    # @api private
    class Planner
      def initialize(sync)
        @sync = sync
        @declaration = sync.declaration.complete!
        @log = Log.new(sync.name)
        @settings = Salesforce.settings(@declaration.org)
        @org = @settings.native
        @schema = Schema.new(@declaration)
        check_outbox
      end

      # @return [CrmSync::Plan]
      def plan(only: nil)
        decide { |session, numbers, rules| build(session, numbers, session.decide(rules, @log.to_proc), only) }
      end

      # @return [String]
      def explain(key)
        story, plan = decide do |session, numbers, rules|
          [session.explain(key, rules), build(session, numbers, session.decide(rules, @log.to_proc), nil)]
        end
        lines = story || ["was not read: not linked, may not be linked, and in no scope of leads or sweep"]
        planned = plan.changes.select { |change| change.key == key }.map { |change| "planned: #{change}" }
        ["user #{key}", *(lines + planned).map { |line| "  #{line}" }].join("\n")
      end

      private

      def decide
        @started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
        Reading.new(@schema, @org, @log).open do |session|
          numbers = Numbers.new(@schema)
          yield session, numbers, numbers.rules(session, missing_before)
        end
      end

      def build(session, numbers, decision, only)
        changes = decision[:changes].map { |row| change(row, numbers) }
        wanted = only && changes.select { |planned| keys(only).include?(planned.key) }
        check = source_check(session.facts)
        Plan.new(
          sync: @sync, changes: wanted || changes, issues: decision[:issues].map { |issue| Issue.new(**issue) },
          ledger: ledger(decision[:ledger], wanted || changes), budgets: Budgets.new(@sync.name, decision[:could_suffer]),
          source_check: check, writer: Writer.new(@schema, @org, @log, remember: -> { remember(check, decision) }),
          seconds: Process.clock_gettime(Process::CLOCK_MONOTONIC) - @started
        )
      end

      def keys(relation)
        @keys ||= relation.pluck(@schema.model.primary_key).to_set
      end

      def change(row, numbers)
        before, after = moves(row, numbers)
        Change.new(
          action: row[:action], key: row[:key], before: before, after: after, reason: row[:reason], budgets: row[:budgets],
          contact_id: row[:contact], basis: basis(row)
        )
      end

      def moves(row, numbers)
        fields = row[:fields].map do |column, from, to|
          [@schema.columns[column], numbers.value(column, from), numbers.value(column, to)]
        end
        fields.unshift([@declaration.foreign_key, row[:link], row[:contact]]) if %i[link relink unlink].include?(row[:action])
        [fields.to_h { |column, from, _| [column, from] }, fields.to_h { |column, _, to| [column, to] }]
      end

      def basis(row)
        Premises::Basis.new(
          key_name: :"#{@schema.model.model_name.element}_id", link_name: @declaration.foreign_key, link: row[:link],
          address: row[:address], tier: row[:tier]
        ).freeze
      end

      def ledger(accounts, changes)
        accounts = accounts.transform_values { |account| Ledger::Account.new(**account) }
        planned = Ledger::Account.new(rows: changes.size, buckets: changes.map(&:action).tally, notes: {})
        Ledger.new(accounts.merge(changes: planned))
      end

      def source_check(facts)
        privileged = @declaration.attributes.zip(facts[:filled]).select { |attribute, _| attribute.privileged.any? }
        filled = privileged.to_h { |attribute, count| [attribute.paths.join(" or "), count] }
        addresses = @declaration.contacts.emails.join(" or ")
        sources = [
          SourceCheck::Source.new(name: :contacts, rows: facts[:contacts], linked: facts[:linked_users],
                                  filled: { addresses => facts[:contacts_with_address] }.merge(filled)),
          SourceCheck::Source.new(name: :users, rows: facts[:users], linked: 0, filled: {})
        ]
        sources << lead_source(facts) if @declaration.lead_rules
        SourceCheck.new(sources, state.read(memory("sources")))
      end

      def lead_source(facts)
        addresses = @declaration.leads.emails.join(" or ")
        SourceCheck::Source.new(name: :leads, rows: facts[:leads], linked: 0, filled: { addresses => facts[:leads_with_address] })
      end

      def state
        @state ||= State.for(@sync.name, @schema.connection)
      end

      # What is remembered belongs to one org: another one, or a simulator, is another story.
      def memory(name)
        "#{name} of #{@settings.host}"
      end

      # The contacts that were missing in so many full reads in a row that one more unlinks their users.
      def missing_before
        after = @declaration.missing&.after
        return if after.nil? || after == 1

        state.read(memory("missing")).select { |_, reads| reads >= after - 1 }.keys
      end

      def remember(check, decision)
        state.write(memory("sources"), check.to_h)
        return unless @declaration.missing && @declaration.missing.after > 1

        reads = state.read(memory("missing"))
        state.write(memory("missing"), decision[:missing_contacts].to_h { |id| [id, reads.fetch(id, 0) + 1] })
      end

      def check_outbox
        return if @declaration.write_backs.empty? || Outbox.installed?(@schema.connection)

        raise ConfigurationError, "#{@declaration.write_backs.first.line}: write_back needs the table #{Outbox::TABLE}; " \
                                  "run: rails generate crm_sync:install && rails db:migrate"
      end
    end
  end
end
