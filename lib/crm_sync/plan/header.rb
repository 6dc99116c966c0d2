# frozen_string_literal: true

require "time"
require_relative "../notices/presentable"
require_relative "header_form"
require_relative "signature"

module CrmSync
  # The header of a kept plan: what another process needs besides the changes to apply it. It tells where and when the
  # plan was made, and what source checks and the ledger need. It contains no address of a person.
  class PlanHeader
    FORMAT = 1
    # The greatest age of a plan, in seconds, because the data on which it was decided gets old.
    MAX_AGE = 86_400
    # The greatest difference between the clocks of two machines, in seconds.
    SKEW = 60
    private_constant :FORMAT, :MAX_AGE, :SKEW

    # What was told about how the sides were read when the plan was made. The rows that were read are not kept again.
    EarlierRead = Struct.new(:summary, :lines) do
      # Does nothing, because there is nothing to keep.
      def settle(_success); end
    end
    private_constant :EarlierRead

    class << self
      # @param plan [CrmSync::Plan]
      # @param origin [Hash{String => String}] the hosts and the database
      # @param since [String] the start of the reading on which the plan is based; its age counts from there
      # @return [Hash{String => Object}]
      def of(plan, origin, since: Time.now.utc.iso8601)
        {
          "crm_sync_plan" => FORMAT, "crm_sync" => VERSION, "sync" => plan.sync.name, "origin" => origin,
          "made_at" => since, "digest" => plan.digest, **plan.kept
        }
      end
    end

    # @param kept [Hash{String => Object}] the header, parsed from JSON
    # @param stale [Proc] raises an error with the problem
    def initialize(kept, stale)
      @kept = kept
      @stale = stale
      stale.call("its format is not this version's") unless kept["crm_sync_plan"] == FORMAT
      misfit = HeaderForm.misfit(kept) or return
      stale.call("its header has no proper #{Presentable.text(misfit)}, so somebody changed it")
    end

    # @return [Proc] raises an error with the problem
    attr_reader :stale

    # @param sync_name [String]
    # @param origin [Hash{String => String}] the current hosts and database
    # @param max_age [Numeric, nil] the greatest age, in seconds
    def check(sync_name, origin, max_age)
      @stale.call("it was made by #{@kept["sync"]}, not by #{sync_name}") unless @kept["sync"] == sync_name
      check_origin(origin)
      age = Time.now - made_at
      @stale.call("it is from the future, #{@kept["made_at"]}: a clock is wrong, or somebody changed it") if age < -SKEW
      @stale.call("it is from #{@kept["made_at"]}: too old") if age > (max_age || MAX_AGE)
    end

    # @param changes [Array<CrmSync::Change>]
    def check_changes(changes)
      whole = Plan.digest(changes) == @kept["digest"]
      @stale.call("its changes are not those that were planned") unless whole
    end

    # @return [Hash{Symbol => Object}] the issues and the ledger
    def parts
      { issues: [*unsigned, *@kept["issues"].map { |issue| issue(issue) }], ledger: }
    end

    # @param last [Hash{String => Hash}] the figures of the sources at the last run, as far as they are known here
    # @return [Hash{Symbol => Object}] the members of {PlanContext} that the header has
    def context(last)
      {
        read: EarlierRead.new(symbols(@kept.dig("read", "summary").slice("missed")), @kept.dig("read", "lines")),
        source_check: SourceCheck.load(@kept["source_check"], last), seconds: 0.0, whole: @kept["whole"]
      }
    end

    # @return [Time] the start of the reading on which the plan is based
    def made_at
      Time.iso8601(@kept["made_at"])
    rescue ArgumentError, TypeError
      @stale.call("it does not say when it was made")
    end

    private

    def check_origin(here)
      there = @kept["origin"]
      place = (there.keys | here.keys).find { |name| there[name] != here[name] } or return
      told, known = [there, here].map { |sides| sides.fetch(place, "(none)") }
      @stale.call("it was made for the #{Presentable.text("#{place} #{told}")}, and this is #{known}")
    end

    # Returns an issue if plans are not signed, because anybody who can write the file can then change it, and the
    # digest with it.
    def unsigned
      return if Signature.signs?

      message = "nobody signed the plan that was loaded, so whoever could write its file may have changed it; set " \
                "plan_secret (CRM_SYNC_PLAN_SECRET)"
      Issue.new(kind: :unsigned_plan, message:)
    end

    def issue(issue)
      Issue.new(**symbols(issue.slice(*HeaderForm::ISSUE.keys).compact), kind: issue["kind"].to_sym)
    end

    # Returns the ledger. It does not balance if somebody has changed one of its numbers and left the others as they
    # are.
    def ledger
      Ledger.new(@kept["ledger"].to_h { |name, rows| [name.to_sym, book(rows)] })
    rescue InternalError
      @stale.call("its ledger does not balance, so somebody changed it")
    end

    def book(book)
      Ledger::Book.new(rows: book["rows"], buckets: symbols(book["buckets"]), notes: symbols(book["notes"]))
    end

    def symbols(hash)
      hash.transform_keys(&:to_sym)
    end
  end
  private_constant :PlanHeader
end
