# frozen_string_literal: true

require "json"
require_relative "running_jobs"
require_relative "sent"

module CrmSync
  module Organizations
    # Writes changes to Zendesk: creates first, then updates, then marks and unmarks.
    # @api private
    class Writer
      # What a run can be allowed: budgets and sources.
      BUDGETS = %i[mark clear accounts organizations].freeze
      # The native side's stages; marks go last, and so does what takes them back.
      STAGES = { create: "create", update: "update", mark: "mark", unmark: "mark", undo: "update",
                 redo: "update" }.freeze
      # Whether these still hold depends on their fields only, as with an update.
      AS_UPDATE = %i[undo redo].freeze
      private_constant :STAGES, :AS_UPDATE

      # @param declaration [CrmSync::Organizations::Declaration]
      # @param rules [Hash] for the native side
      # @param keeping [CrmSync::Organizations::Keeping]
      # @param host [CrmSync::Host]
      # @param lock [CrmSync::Lock] that is held while this writes
      # @param history [CrmSync::History] in which changes are kept
      # @param remember [Proc] called when everything has been tried, to keep what the next run must know
      def initialize(declaration, rules, keeping, host, lock:, history:, remember:)
        @declaration = declaration
        @rules = rules
        @keeping = keeping
        @lock = lock
        @host = host
        @history = history
        @remember = remember
        @settings = Zendesk.settings(declaration.instance.name)
        @instance = @settings.host
        @jobs = RunningJobs.new(declaration.name, declaration.instance.name)
        @places = declaration.written.to_h { |attribute| [attribute.name.to_sym, attribute.place.to_s] }
      end

      # @raise [ArgumentError] when +allow+ names what is neither a budget nor a source
      def check(allow)
        unknown = allow.keys - BUDGETS
        raise ArgumentError, "allow: there is no #{unknown.first.inspect}; there are #{BUDGETS.inspect}" if unknown.any?
      end

      # @param changes [Array<CrmSync::Organizations::Change>]
      # @return [Hash] what became of them: +applied+, +stale+, +errors+
      # @raise [CrmSync::ConfigurationError] when a simulator has been started or stopped since the plan
      # @raise [CrmSync::Locked] when the lock was lost meanwhile
      # @raise [CrmSync::RemoteError] when the organizations cannot be looked at before they are written
      def write(changes)
        check_instance
        @jobs.wait
        stale = stale(changes)
        @lock.check
        outcome = { applied: [], stale:, errors: [] }
        send_changes(changes - stale.keys, outcome)
        @lock.check
        @remember.call
        outcome
      end

      private

      # While a simulator runs, nothing of ours speaks to any other host, also not a plan that was made before.
      def check_instance
        return if @settings.equal?(Zendesk.settings(@declaration.instance.name)) && @instance == @settings.host

        raise ConfigurationError, "the instance is not the one that was planned with: its settings have changed, or " \
                                  "a simulator has been started or stopped since; plan again"
      end

      # Zendesk has no conditional update, so the organizations are looked at right before they are written.
      def stale(changes)
        present = changes.reject { |change| change.organization_id.nil? }
        return {} if present.empty?

        expected = present.map { |change| expected(change) }
        moved = Native::OrganizationTables.moved(@settings.native, @rules, expected, @host)
        present.zip(moved).select(&:last).to_h
      end

      def expected(change)
        fields = change.after.map { |name, after| [place(name), name.to_s, change.before[name], after] }
        action = AS_UPDATE.include?(change.action) ? :update : change.action
        [action.to_s, change.key, change.organization_id, fields]
      end

      def place(name)
        @places.fetch(name, "field")
      end

      def send_changes(changes, outcome)
        return if changes.empty?

        @sent = Sent.new(@history, changes)
        stages = changes.group_by { |change| STAGES.fetch(change.action) }
        stages.default = [].freeze
        writing = start(stages)
        settle(writing, stages, outcome, changes.size)
        error = writing.stopped
        outcome[:errors] << Run::Failure.new(nil, error.class.name, Presentable.text(error.message)) if error
      ensure
        writing&.stop(@host)
      end

      def start(stages)
        creates = stages["create"].map { |change| body(change) }
        rows = ->(stage) { stages[stage].map { |change| [change.organization_id, body(change)] } }
        Native::OrganizationWriting.start(@settings.native, creates, rows.call("update"), rows.call("mark"), @host)
      end

      def body(change)
        JSON.generate(@keeping.organization(change.after))
      end

      def settle(writing, stages, outcome, total)
        done = 0
        while (events = writing.next(@host))
          done += hear(events, stages, outcome)
          Progress.report(@declaration.name, :changes, done, total)
        end
        @jobs.clear if @jobs.any?
      end

      # @return [Integer] how many changes have come to their end
      def hear(events, stages, outcome)
        events.each { |kind, job| @jobs.add(job) if kind == "accepted" }
        finished = events.select { |event| STAGES.value?(event.first) }
        finished.each { |item| account_for(item, stages, outcome) }
        @sent.settle(finished.map { |stage, index, *ending| [stages[stage].fetch(index), *ending.first(3)] })
        finished.size
      end

      def account_for((stage, index, _id, result, reason, code, message, holder), stages, outcome)
        change = stages[stage].fetch(index)
        return outcome[:applied] << change if result == "done"

        text = holder ? "#{message} (organization #{holder})" : message
        name = [reason, code].compact.join(" ").presence || result
        outcome[:errors] << Run::Failure.new(change.key, name, Presentable.text(text))
      end
    end
  end
end
