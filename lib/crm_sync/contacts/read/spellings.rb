# frozen_string_literal: true

module CrmSync
  module Contacts
    # The ways in which the id of a contact may be stored: as 15 characters with significant case, or with three more
    # that make up for a loss of case.
    module Spellings
      FORM = /\A[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\z/
      SUFFIX = [*"A".."Z", *"0".."5"].freeze
      private_constant :FORM, :SUFFIX

      # @param id [String] in either spelling
      # @return [Array<String>] the long spelling, then the short one; for a text that is not an id, only the text
      def self.of(id)
        return [id] unless id.match?(FORM)

        short = id.first(15)
        [short + suffix(short), short]
      end

      # Computes the three characters, each of which tells which of five are capitals. A bit for each capital, the first
      # one lowest.
      def self.suffix(short)
        capitals = short.tr("^A-Z", "0").tr("A-Z", "1").reverse.to_i(2)
        SUFFIX[capitals[0, 5]] + SUFFIX[capitals[5, 5]] + SUFFIX[capitals[10, 5]]
      end
      private_class_method :suffix
    end
    private_constant :Spellings
  end
end
