# frozen_string_literal: true

module CrmSync
  module Contacts
    # Checks that a stored change fits the contact that it names. A change depends on the link that it expects, and a
    # write-back goes to the contact.
    class KeptContact
      # For each kind of change, whether it expects a link and whether it names a contact. Changes by leads and by the
      # sweep do neither.
      SIDES = { "link" => [false, true], "relink" => [true, true], "update" => [true, true],
                "unlink" => [true, false] }.freeze
      private_constant :SIDES

      # @param row [Hash{String => Object}] a change, parsed from JSON
      def initialize(row)
        @action = row["action"]
        @link = row.dig("premises", "link")
        @contact = row["contact"]
      end

      # @return [Boolean] whether the link and the contact are those of such a change
      def fits?
        return false unless SIDES.fetch(@action, [false, false]) == [@link, @contact].map { |side| !side.nil? }

        @action != "update" || RecordId.same(@contact) == RecordId.same(@link.strip)
      end

      # @param value [Object] the new value of the foreign key
      # @return [Boolean] whether a change of this kind writes the value
      def written?(value)
        %w[link relink].include?(@action) ? value == @contact : @action == "unlink" && value.nil?
      end
    end
    private_constant :KeptContact
  end
end
