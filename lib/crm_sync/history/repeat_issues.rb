# frozen_string_literal: true

module CrmSync
  class SyncHistory
    # Builds the issues about records that are left alone.
    class RepeatIssues
      # @param history [CrmSync::SyncHistory]
      def initialize(history)
        @history = history
      end

      # @param change [CrmSync::Change] the change that is not made
      # @param field [RepeatGuard::GuardedField]
      # @return [CrmSync::Issue] the issue, with all that is known about the other writer
      def frozen(change, field)
        value, now = [field.value, change.before[field.column]].map { |shown| Presentable.value(shown) }
        times = field.times.map { |time| stamp(time) }
        gaps = times.each_cons(2).map { |from, to| "between #{from} and #{to}" }
        message = "#{change.subject}: #{field.column} is frozen at #{now}. This sync made it #{value} at " \
                  "#{times.join(", ")}, and each time somebody else changed it: #{gaps.join(", ")}, and after " \
                  "#{times.last}. Find out who writes it; then #{ending(change.key, field)}"
        Issue.new(kind: :frozen, message:, **change.concerns)
      end

      # @param run_id [Integer] the id of the undo
      # @param hits [Array<Array(CrmSync::Change, RepeatGuard::GuardedField)>] the planned changes that the undo stops,
      #   each with a field
      # @return [CrmSync::Issue]
      def undone(run_id, hits)
        changes = hits.map(&:first).uniq
        columns = hits.map { |_, field| field.column }.uniq
        field = hits.first.last
        message = "run #{run_id} put back #{columns.join(", ")} at #{stamp(field.times.last)}, and Salesforce " \
                  "still has the undone values: left alone for #{subjects(changes)}. Correct Salesforce, or " \
                  "#{ending(changes.first.key, field)}"
        Issue.new(kind: :undone, message:, **together(changes.map(&:concerns)))
      end

      private

      def subjects(changes)
        Presentable.list(changes.map(&:subject))
      end

      def together(concerns)
        concerns.first.keys.to_h { |what| [what, concerns.flat_map { |one| one[what] }] }
      end

      # Describes how the field is written again. It is also written as soon as the history deletes the first of the
      # changes, because the others are then too few.
      def ending(key, field)
        last_day = field.times.first + CrmSync.configuration.history_days.days
        "#{@history.sync_name}.thaw(#{key.inspect}) lets the sync write again. It also does when Salesforce has " \
          "another value, and on #{last_day.getutc.to_date.iso8601}"
      end

      def stamp(time)
        time.getutc.iso8601
      end
    end
    private_constant :RepeatIssues
  end
end
