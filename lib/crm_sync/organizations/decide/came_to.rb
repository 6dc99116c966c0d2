# frozen_string_literal: true

module CrmSync
  module Organizations
    # Remembers the places of organizations in which another value was found after a write than the one that was sent:
    # Zendesk has rewritten the value, or has not taken it. Nothing is sent there again until either side says something
    # else.
    class CameTo
      # A place of an organization (+place+ is +attribute+ or +field+), the value that was +sent+ there, the one that
      # was found +stored+ then, and whether that means that the value was +refused+.
      Place = Struct.new(:organization, :place, :name, :sent, :stored, :refused, keyword_init: true) do
        # @return [Array] what tells it from other places
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

      # Keeps the results of writes; a place that has the value that was sent is forgotten.
      # @param written [Array<Place>] all places that were written
      # @param others [Array<Place>] those that have another value
      def keep(written, others)
        before = places
        written = written.to_set(&:where)
        after = before.reject { |place| written.include?(place.where) } + others
        @state.write(@key, "places" => after.map(&:to_a)) if after != before
      end

      private

      # Returns what is kept. The state has the members of each place without their names: there may be many.
      def places
        @state.read(@key).fetch("places", []).map { |values| Place.new(**Place.members.zip(values).to_h) }
      end
    end
    private_constant :CameTo
  end
end
