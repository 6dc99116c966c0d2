# frozen_string_literal: true

module CrmSync
  module Organizations
    # Places of organizations in which something else stood after a write than what was sent: Zendesk has rewritten the
    # value, or has not taken it. As long as neither side says something else, nothing is sent there again.
    class CameTo
      # @param declaration [CrmSync::Organizations::Declaration]
      def initialize(declaration)
        @key = "what writes came to at #{Zendesk.settings(declaration.instance.name).host}"
        @state = State.of(declaration)
      end

      # @return [Array<Array>] for the native side: organization, place, name, what was sent, what stood there then, and
      #   whether that means that it was not taken
      def to_native
        @state.read(@key).fetch("places", [])
      end

      # Keeps what writes came to; places in which stands what was sent are forgotten.
      # @param written [Array<Array(Integer, String, String)>] all places that were written
      # @param others [Array<Array>] those of them that came to something else, as {#to_native} has them
      def keep(written, others)
        before = to_native
        after = before.reject { |place| written.include?(place.first(3)) } + others
        @state.write(@key, "places" => after) if after != before
      end
    end
    private_constant :CameTo
  end
end
