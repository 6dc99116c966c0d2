# frozen_string_literal: true

module CrmSync
  class History
    # Issues about records that are left alone.
    class RepeatIssues
      SHOWN = 10
      private_constant :SHOWN

      # @param history [CrmSync::History]
      def initialize(history)
        @history = history
      end

      # @param change [CrmSync::Change] that is not made
      # @param brake [RepeatGuard::Brake]
      # @return [CrmSync::Issue] with all that is known of the other writer
      def frozen(change, brake)
        value, now = [brake.value, change.before[brake.column]].map { |shown| Presentable.value(shown) }
        times = brake.times.map { |time| stamp(time) }
        gaps = times.each_cons(2).map { |from, to| "between #{from} and #{to}" }
        message = "#{change.subject}: #{brake.column} is frozen at #{now}. This sync made it #{value} at " \
                  "#{times.join(", ")}, and each time somebody else changed it: #{gaps.join(", ")}, and after " \
                  "#{times.last}. Find out who writes it; then #{ending(change.key, brake)}"
        Issue.new(kind: :frozen, message:, **change.concerns)
      end

      # @param run_id [Integer] the undo
      # @param hits [Array<Array(CrmSync::Change, RepeatGuard::Brake)>] the changes that it has put back, each with its
      #   brake
      # @return [CrmSync::Issue]
      def undone(run_id, hits)
        changes = hits.map(&:first).uniq
        columns = hits.map { |_, brake| brake.column }.uniq
        brake = hits.first.last
        message = "run #{run_id} put back #{columns.join(", ")} at #{stamp(brake.times.last)}, and Salesforce says " \
                  "the same as before: left alone for #{subjects(changes)}. Correct it there, or " \
                  "#{ending(changes.first.key, brake)}"
        Issue.new(kind: :undone, message:, **together(changes.map(&:concerns)))
      end

      private

      def subjects(changes)
        more = " and #{changes.size - SHOWN} more" if changes.size > SHOWN
        "#{changes.first(SHOWN).map(&:subject).join(", ")}#{more}"
      end

      def together(concerns)
        concerns.first.keys.to_h { |what| [what, concerns.flat_map { |one| one[what] }] }
      end

      # Returns when that ends: as soon as the history forgets one of the changes, they are too few.
      def ending(key, brake)
        last_day = brake.times.first + CrmSync.configuration.history_days.days
        "#{@history.sync_name}.thaw(#{key.inspect}) lets the sync write again, as does another value in Salesforce, " \
          "and time on #{last_day.utc.to_date.iso8601}"
      end

      def stamp(time)
        time.utc.iso8601
      end
    end
    private_constant :RepeatIssues
  end
end
