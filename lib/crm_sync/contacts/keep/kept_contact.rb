# frozen_string_literal: true

module CrmSync
  module Contacts
    # Checks that a stored change fits the contact that it names: a change depends on the link that it expects, and a
    # write-back goes to its contact.
    class KeptContact
      # Tells for each kind of change whether it expects a link and whether it names a contact; leads and the sweep do
      # neither.
      SIDES = { "link" => [false, true], "relink" => [true, true], "update" => [true, true],
                "unlink" => [true, false] }.freeze
      private_constant :SIDES

      # @param row [Hash{String => Object}] a change, as JSON reads it
      def initialize(row)
        @action = row["action"]
        @link = row.dig("premises", "link")
        @contact = row["contact"]
      end

      # @return [Boolean]
      def fits?
        return false unless SIDES.fetch(@action, [false, false]) == [@link, @contact].map { |side| !side.nil? }

        @action != "update" || RecordId.same(@contact) == RecordId.same(@link.strip)
      end

      # @param value [Object] the new value of the foreign key
      # @return [Boolean] whether such a change writes this value
      def written?(value)
        %w[link relink].include?(@action) ? value == @contact : @action == "unlink" && value.nil?
      end
    end
    private_constant :KeptContact
  end
end
