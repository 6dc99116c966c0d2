# frozen_string_literal: true

module CrmSync
  module Organizations
    # Checks the premises of changes again, right before the changes are written: Zendesk has no conditional update.
    class Premises
      # The actions whose premises, like those of an update, depend only on their fields.
      AS_UPDATE = %i[undo redo].freeze
      # The core's answer for a change that somebody has made already.
      DONE = "it is so already"
      private_constant :AS_UPDATE, :DONE

      # @param declaration [CrmSync::Organizations::Declaration]
      # @param rules [Hash] for the native side
      # @param host [CrmSync::Host]
      # @param elsewhere [Absence, nil] looks up accounts that were not read, if the changes were planned in another
      #   process, some time ago
      def initialize(declaration, rules, host, elsewhere:)
        @rules = rules
        @host = host
        @absence = elsewhere
        @settings = Zendesk.settings(declaration.instance.name)
        @places = declaration.written.to_h { |attribute| [attribute.name.to_sym, attribute.place] }
      end

      # @param changes [Array<CrmSync::Organizations::Change>]
      # @return [Hash{CrmSync::Organizations::Change => String}] the changes with a premise that has moved, each with
      #   that premise
      # @raise [CrmSync::RemoteError]
      def moved(changes)
        created, present = changes.partition { |change| change.organization_id.nil? }
        { **changed(present), **held(created), **unseen(present) }
      end

      # @param moved [Hash{CrmSync::Organizations::Change => String}] the result of {#moved}
      # @return [Array<CrmSync::Organizations::Change>] those of the changes that have been made already by somebody
      #   else, such as an earlier run of the same plan
      # @raise [CrmSync::RemoteError]
      def done(moved)
        made = moved.select { |_, why| why == DONE }.keys
        created = moved.keys.select { |change| @holders&.key?(change) }
        made += created.zip(differing(created)).reject(&:last).map(&:first)
        moved.keys & made # in the order of the plan
      end

      # @param change [CrmSync::Organizations::Change]
      # @param organization [Integer] the organization's id, also of one that was created
      # @return [Hash{Symbol => Object}] a write for the native side
      def write(change, organization)
        crossing(change, :update, organization)
      end

      # @param name [Symbol] of an attribute, or of the mark
      # @return [Symbol] +:attribute+ or +:field+
      def place(name)
        @places.fetch(name, :field)
      end

      private

      # Returns, for each new organization, the difference from the values that it should have.
      def differing(created)
        return [] if created.empty?

        expected = created.map { |change| crossing(change, :update, @holders[change], before: change.after) }
        Native::OrganizationTables.moved(@settings.native, @rules, expected, @host)
      end

      def changed(changes)
        return {} if changes.empty?

        expected = changes.map do |change|
          action = AS_UPDATE.include?(change.action) ? :update : change.action
          crossing(change, action, change.organization_id)
        end
        found = Native::OrganizationTables.moved(@settings.native, @rules, expected, @host)
        changes.zip(found).select(&:last).to_h
      end

      # Finds organizations that were created in the meantime: changes that were planned in another process may have
      # been made already. Names are unique in Zendesk, account ids are not, so that only the complete list shows this.
      def held(changes)
        return {} if changes.empty? || !@absence

        holders = Native::OrganizationTables.holders(@settings.native, @rules, changes.map(&:key), @host)
        @holders = changes.zip(holders).to_h.compact
        @holders.transform_values { |holder| "organization #{holder} has its account id now" }
      end

      # Looks up the accounts of marks, which may not have been done when the plan was made.
      def unseen(changes)
        marks = changes.select { |change| change.action == :mark }
        return {} if marks.empty? || !@absence

        unseen = @absence.unseen(marks.map(&:key))
        marks.select { |change| unseen.key?(change.key) }.to_h { |change| [change, @absence.why(change.key, unseen)] }
      end

      # Returns a change in the form of the native side.
      def crossing(change, action, organization, before: change.before)
        fields = change.after.map do |name, after|
          { place: place(name), name: name.to_s, before: before[name], after: }
        end
        { action:, key: change.key, organization:, fields: }
      end
    end
    private_constant :Premises
  end
end
