# frozen_string_literal: true

module CrmSync
  module Organizations
    # Reads organizations back after the writes. A job reports "updated" even if a trigger or an app has put a value
    # back, and the values that Zendesk has rewritten can be found nowhere else.
    class LookBack
      # The result of a change: the change as it was stored, nil if nothing of it was; the names of the values that were
      # not stored; and the reason if nothing is known.
      Landed = Struct.new(:change, :stands, :lost, :problem) do
        # @return [Boolean] whether the stored values differ from those that were sent
        def differs?
          problem.nil? && !stands.equal?(change)
        end

        # @return [CrmSync::Run::Failure, nil]
        def failure
          return Run::Failure.new(change.key, "unknown", problem) if problem
          return if lost.empty?

          text = "Zendesk said that it was written, and #{lost.join(", ")} stands there as before, or is empty: " \
                 "probably a trigger, an automation or an app put it back; it is sent again when either side says " \
                 "something else"
          # Names the change as failed only if nothing of it was stored.
          key, text = stands ? [nil, "#{change.key}: #{text}"] : [change.key, text]
          Run::Failure.new(key, "put_back", text)
        end
      end

      # @param settings [CrmSync::Zendesk::Settings]
      # @param rules [Hash] for the native side
      # @param premises [Premises] returns the places of attributes
      # @param came_to [CameTo]
      # @param host [CrmSync::Host]
      def initialize(settings, rules, premises, came_to, host)
        @settings = settings
        @rules = rules
        @premises = premises
        @came_to = came_to
        @host = host
      end

      # Corrects the changes that were reported as applied to what was stored, in the outcome and in the history.
      # @param outcome [CrmSync::Internal::Outcome]
      # @param written [Hash{CrmSync::Organizations::Change => Integer}] the organization of each change
      # @param history [CrmSync::SyncHistory]
      def correct(outcome, written, history)
        landed = landed(outcome.applied.map { |change| [change, written.fetch(change)] })
        doubtful = landed.select(&:problem).map(&:change)
        outcome.applied.replace(landed.filter_map(&:stands))
        outcome.unknown.concat(doubtful)
        outcome.errors.concat(landed.filter_map(&:failure))
        history.correct(other(landed), doubtful)
      end

      private

      def other(landed)
        landed.select(&:differs?).to_h { |one| [one.change, one.stands] }
      end

      def landed(done)
        return [] if done.empty?

        stored = Native::OrganizationTables.stored(@settings.native, @rules, writes(done), @host)
        all = done.zip(stored).map { |(change, id), fields| judged(change, id, fields) }
        keep(done, stored)
        all
      rescue RemoteError => e
        problem = "Zendesk said that it was written, and it could not be read back, so that nobody knows what stands " \
                  "there: #{e.message}; the next run looks"
        done.map { |change, _| Landed.new(change, nil, [], problem) }
      end

      def writes(done)
        done.map { |change, id| @premises.write(change, id) }
      end

      def judged(change, id, fields)
        return Landed.new(change, nil, [], "organization #{id} is not there any more") unless fields

        verdicts = change.after.keys.zip(fields).to_h
        lost = verdicts.select { |_, stored| stored.how == :put_back }.keys
        rewritten = verdicts.select { |_, stored| stored.how == :rewritten }.transform_values(&:value)
        Landed.new(change, change.as_stored(rewritten, lost), lost, nil)
      end

      def keep(done, stored)
        places = done.zip(stored).flat_map { |(change, id), fields| places(change, id, fields || []) }
        others = places.reject { |_, found| found.nil? || found.how == :as_sent }
        @came_to.keep(places.map(&:first), others.map(&:first))
      end

      # Returns the places of a change, each with the stored value; nil if the organization does not exist any more.
      def places(change, organization, fields)
        change.after.zip(fields).map do |(name, sent), found|
          place = CameTo::Place.new(organization:, place: @premises.place(name).to_s, name: name.to_s, sent:,
                                    stored: found&.value, refused: found&.how == :put_back)
          [place, found]
        end
      end
    end
    private_constant :LookBack
  end
end
