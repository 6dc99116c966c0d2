# frozen_string_literal: true

require "digest"
require "json"
require "time"

module CrmSync
  module Organizations
    # A plan in the folder of the stages: the lists of changes, and in +plan.json+ what they rest on.
    # @api private
    class KeptPlan
      FORMAT = 1
      private_constant :FORMAT

      # @param sync [Class]
      # @param folder [CrmSync::Organizations::Folder]
      def initialize(sync, folder)
        @sync = sync
        @folder = folder
      end

      # Keeps what is not in the lists.
      # @param plan [CrmSync::Plan]
      # @param sources [Hash] when and from where both sides came
      def write(plan, sources)
        head = { "format" => FORMAT, "crm_sync" => VERSION, "sync" => @sync.name, "made_at" => now,
                 "instance" => sources.dig("organizations", "host"), "sources" => sources, "digest" => plan.digest }
        head = JSON.parse(JSON.generate(head.merge(plan.kept))) # as it will be read
        @folder.write(Folder::PLAN, head.merge("checksum" => checksum(head)))
      end

      # @param planner [CrmSync::Organizations::Planner]
      # @return [CrmSync::Plan]
      # @raise [CrmSync::StalePlan] when it is another sync's or instance's, or was changed, or the lists are not what
      #   was planned, or the declaration of today does not write what they write
      def plan(planner)
        kept = @folder.read(Folder::PLAN, "compare")
        check_origin(kept)
        changes = @folder.changes.map { |entry| change(entry) }
        plan = planner.again(changes, decoded(kept))
        return plan if plan.digest == kept["digest"]

        stale("the lists are not those that were planned")
      end

      # Keeps what came of it, for people and for machines.
      # @param run [CrmSync::Run]
      def write_run(run)
        @folder.write(Folder::RUN, "sync" => @sync.name, "finished_at" => now, "summary" => run.summary,
                                   "ledger" => run.ledger.to_h, "problems" => run.problems)
      end

      private

      def check_origin(kept)
        stale("its format is another one") unless kept["format"] == FORMAT
        stale("#{Folder::PLAN} was changed") unless kept["checksum"] == checksum(kept.except("checksum"))
        stale("it was made for #{kept["sync"]}") unless kept["sync"] == @sync.name
        host = Zendesk.settings(@sync.declaration.instance.name).host
        stale("it was made for #{kept["instance"]}, and #{host} is configured") unless kept["instance"] == host
      end

      def decoded(kept)
        { issues: kept["issues"].map { |issue| Issue.new(**symbols(issue), kind: issue["kind"].to_sym) },
          ledger: Ledger.new(kept["ledger"].to_h { |name, book| [name.to_sym, book(book)] }),
          could_suffer: symbols(kept["could_suffer"]), "source_check" => kept["source_check"] }
      end

      def book(book)
        Ledger::Account.new(rows: book["rows"], buckets: symbols(book["buckets"]), notes: symbols(book["notes"]))
      end

      def symbols(hash)
        hash.transform_keys(&:to_sym)
      end

      def change(entry)
        before, after = entry.values_at("before", "after").map { |side| flat(side) }
        Change.new(action: entry.fetch("action").to_sym, key: entry.fetch("key"), organization_id: entry["id"],
                   name: entry.fetch("name"), before:, after:, reason: entry.fetch("reason"),
                   budgets: entry.fetch("budgets").map(&:to_sym))
      end

      # In the order of the declaration, as it was planned: the files have another one.
      def flat(side)
        values = symbols(side.except("organization_fields").merge(side.fetch("organization_fields", {})))
        targets = @sync.declaration.targets
        undeclared = (values.keys - targets).first
        stale("it writes #{undeclared}, and the declaration does not") if undeclared
        values.slice(*targets)
      end

      # Budgets and source checks rest on what it says, and so it must be what was written.
      def checksum(kept)
        Digest::SHA256.hexdigest(JSON.generate(kept))
      end

      def now
        Time.now.utc.iso8601
      end

      def stale(why)
        raise StalePlan, "#{@folder.path}: the plan cannot be applied: #{why}; run compare again"
      end
    end
  end
end
