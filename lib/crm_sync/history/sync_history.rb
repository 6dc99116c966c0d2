# frozen_string_literal: true

require "json"
require_relative "not_installed"
require_relative "repeat_filter"
require_relative "repeat_guard"
require_relative "retention"
require_relative "record_summary"
require_relative "runs"
require_relative "spent"
require_relative "../past_change"
require_relative "../store/preemptible"
require_relative "../store/stored_name"

module CrmSync
  # The history of a sync in the app's database: one row for each run, and one for each change that was made. In a
  # contact sync, the row of a change is inserted in the transaction of its write, so that neither exists without the
  # other. In an organization sync, the rows are inserted before the changes are sent, those of creations afterwards.
  #
  # Fields whose values a person has put back, or that somebody else changes back again and again, are left alone: see
  # {RepeatGuard}.
  class SyncHistory
    # The number of rows in one statement.
    BATCH = 1_000
    private_constant :BATCH

    class << self
      # @param kept_as [String] the name of the sync with its partition, as {StoredName} joins them
      # @param values [CrmSync::Contacts::PastValues, CrmSync::Organizations::PastValues]
      # @param org [String] the host of the Salesforce org that is read
      # @param undoes [Integer, nil] the id of the run that is undone
      # @param beside [Boolean] whether other runs may be in progress
      # @return [SyncHistory, NotInstalled]
      def of(kept_as, values, org:, undoes: nil, beside: false)
        installed?(values.model) ? new(kept_as, values, org, undoes, beside) : NotInstalled.new(values.model)
      end

      # Checks that the migration has been run, in the database to whose transactions the rows belong.
      # @param model [Class, nil] the synced model, if it has a database of its own
      # @return [Boolean]
      def installed?(model)
        State.database? && [RunRow, ChangeRow].all? { |rows| rows.beside(model).there? }
      end
    end

    # @return [Integer, nil] the id of the run in progress
    attr_reader :run_id
    # @return [String] the name of the sync
    attr_reader :sync_name
    # @return [String] the name under which its rows are kept
    attr_reader :kept_as
    # @return [Class] the model of the changes
    attr_reader :change_rows
    # @return [Object] converts values for rows, and back
    attr_reader :values

    # @param id [Integer] the id of a run
    # @return [CrmSync::Run] (see PastRun#undo!)
    def undo!(id) = History.find(id, values.model).undo!

    def initialize(kept_as, values, org, undoes, beside)
      @kept_as = kept_as
      @sync_name, = StoredName.parts(kept_as)
      @values = values
      @change_rows = ChangeRow.beside(values.model)
      run_rows = RunRow.beside(values.model)
      @runs = Runs.new(kept_as, run_rows, @change_rows, org:, place: values.place, undoes:, beside:)
      # A call for one user deletes nothing, because a request of the app may wait for it.
      @retention = Retention.new(CrmSync.configuration.history_days, run_rows, @change_rows) unless beside
    end

    # Records a run from its start to its end. The row of a killed run stays open until the next run closes it.
    # @param plan [CrmSync::Plan]
    # @yieldreturn [CrmSync::Run]
    # @return [CrmSync::Run]
    def run(plan)
      @run_id = @runs.open(plan.digest)
      run = yield
      @runs.finish(run_id, run)
      @retention&.prune
      run
    rescue StandardError => e
      @runs.fail(run_id, e) if run_id
      raise
    ensure
      @run_id = nil
    end

    # Records a run that could not be planned.
    # @param error [StandardError]
    # @param started_at [Time]
    def unplanned(error, started_at)
      @runs.unplanned(error, started_at)
    end

    # Records changes. If their writes are in the app's database, it must be called in the transaction of the writes.
    # @param changes [Array<CrmSync::Change>]
    # @param outcome [Symbol] +:applied+; or +:sent+ if the outcome depends on an answer
    # @param organizations [Hash{CrmSync::Change => Integer}] the ids of organizations that were created
    def record(changes, outcome: :applied, organizations: {})
      common = { run_id:, sync: kept_as, outcome:, created_at: Time.current }
      changes.each_slice(BATCH) do |slice|
        known = {}.compare_by_identity
        # Builds Hashes instead of model instances: an instance for each change would cost as much as a save.
        rows = Preemptible.new(slice).map { |change| row(change, organizations[change], common, known) }
        Database.of(change_rows).insert(change_rows, rows)
      end
    end

    # Records the outcome of changes that were sent: the rows of applied changes become +:applied+, and those of refused
    # changes are deleted.
    # @param applied [Array<CrmSync::Change>]
    # @param refused [Array<CrmSync::Change>] the changes that were certainly not written
    def settle(applied:, refused:)
      applied.each_slice(BATCH) { |slice| sent(slice).update_all(outcome: "applied") }
      refused.each_slice(BATCH) { |slice| sent(slice).delete_all }
    end

    # Corrects applied changes to the values that are stored, if they are not the values that were sent.
    # @param stood [Hash{CrmSync::Change => CrmSync::Change, nil}] each change as it was stored, nil if nothing of it
    #   was
    # @param doubtful [Array<CrmSync::Change>] the changes of which nobody knows what was stored
    def correct(stood, doubtful)
      stood.each { |sent, left| left ? rows_of([sent]).update_all(values_of(left)) : rows_of([sent]).delete_all }
      doubtful.each_slice(BATCH) { |slice| rows_of(slice).update_all(outcome: "sent") }
    end

    # @param changes [Array<CrmSync::Change>] the changes of a plan
    # @yield (see RepeatFilter#initialize)
    # @return [RepeatFilter]
    def filter(changes, &)
      RepeatFilter.new(self, changes, &)
    end

    # @return [Spent] the amounts that were spent of the budgets
    def spending
      @runs.spending
    end

    # @param key [Object] the key of a record
    # @return [Array<String>] the changes of the record, and the columns that are left alone now
    def story(key)
      RecordSummary.new(self, key).lines
    end

    # @param organization_id [Integer]
    # @return [String, nil] the id of the account for which the organization was last changed
    def key_of(organization_id)
      change_rows.where(sync: kept_as, organization_id:).order(id: :desc).pick(:record_key)
    end

    # @param key [Object] the key of a record
    # @return [Array<Symbol>] the columns that are no longer left alone
    def thaw(key)
      columns = RepeatGuard.new(self).of([key]).fetch(key.to_s, []).map(&:column)
      thaw = Change.new(action: :thaw, key:, before: {}, after: {}, reason: "somebody called thaw", budgets: [])
      record([thaw]) if columns.any?
      columns
    end

    private

    def row(change, organization, common, known)
      { record_key: change.key.to_s, **common, **values_of(change, known), reason: Presentable.text(change.reason),
        organization_id: organization || change.try(:organization_id),
        organization_name: change.try(:name) && Presentable.text(change.name).presence }
    end

    # @param known [Hash{Object => String}] a cache of the JSON of objects that several changes share, as the changes of
    #   a decision do
    def values_of(change, known = {}.compare_by_identity)
      { action: change.action, before: dumped(change.before, known), after: dumped(change.after, known),
        budgets: known[change.budgets] ||= JSON.generate(change.budgets) }
    end

    def dumped(side, known) = known[side] ||= JSON.generate(values.dump(side))

    def sent(changes)
      rows_of(changes).where(outcome: "sent")
    end

    def rows_of(changes)
      change_rows.where(run_id:, record_key: changes.map { |change| change.key.to_s })
    end
  end
  private_constant :SyncHistory
end
