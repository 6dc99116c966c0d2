# frozen_string_literal: true

module CrmSync
  module Organizations
    # Remembers the values that differed from the sent ones when they were read back after a write: Zendesk has
    # rewritten them, or has not stored them. Nothing is sent to these places again until either side has another value.
    class CameTo
      # A place of an organization (+place+ is +attribute+ or +field+), the value that was +sent+ there, the value that
      # was then found +stored+ there, and whether Zendesk has +refused+ the sent value.
      Place = Struct.new(:organization, :place, :name, :sent, :stored, :refused, keyword_init: true) do
        # @return [Array] the members that identify the place
        def where
          [organization, place, name]
        end
      end

      # @param declaration [CrmSync::Organizations::Declaration]
      def initialize(declaration)
        @key = "what writes came to at #{Zendesk.settings(declaration.instance.name).host}"
        @state = State.of(declaration)
      end

      # @return [Array<Hash>] the members of each {Place}, for the native side
      def to_native
        places.map(&:to_h)
      end

      # Records the results of writes. A place that has the value that was sent is forgotten.
      # @param written [Array<Place>] all places that were written
      # @param others [Array<Place>] the places that have another value
      def keep(written, others)
        before = places
        written = written.to_set(&:where)
        after = before.reject { |place| written.include?(place.where) } + others
        @state.write(@key, "places" => after.map(&:to_a)) if after != before
      end

      private

      # Returns the recorded places. To save room, the state has the members of each place without their names.
      def places
        @state.read(@key).fetch("places", []).map { |values| Place.new(**Place.members.zip(values).to_h) }
      end
    end
    private_constant :CameTo
  end
end
