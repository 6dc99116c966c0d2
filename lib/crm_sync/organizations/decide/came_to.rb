# frozen_string_literal: true

module CrmSync
  module Organizations
    # Remembers the places of organizations in which another value was found after a write than the one that was sent:
    # Zendesk has rewritten the value, or has not taken it. Nothing is sent there again until either side says something
    # else.
    class CameTo
      # @param declaration [CrmSync::Organizations::Declaration]
      def initialize(declaration)
        @key = "what writes came to at #{Zendesk.settings(declaration.instance.name).host}"
        @state = State.of(declaration)
      end

      # @return [Array<Array>] for the native side: the organization, the place, the name, the value that was sent, the
      #   value that was found then, and whether that means that the value was not taken
      def to_native
        @state.read(@key).fetch("places", [])
      end

      # Keeps the results of writes; a place that has the value that was sent is forgotten.
      # @param written [Array<Array(Integer, String, String)>] all places that were written
      # @param others [Array<Array>] those places that have another value, in the form of {#to_native}
      def keep(written, others)
        before = to_native
        after = before.reject { |place| written.include?(place.first(3)) } + others
        @state.write(@key, "places" => after) if after != before
      end
    end
    private_constant :CameTo
  end
end
