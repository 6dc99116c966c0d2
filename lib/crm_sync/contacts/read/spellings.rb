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

      # Computes the three characters, each of which tells which of five are capitals.
      def self.suffix(short)
        short.scan(/.{5}/).map { |five| SUFFIX[capitals(five)] }.join
      end
      private_class_method :suffix

      def self.capitals(five)
        five.each_char.with_index.sum { |char, place| char.match?(/[A-Z]/) ? 1 << place : 0 }
      end
      private_class_method :capitals
    end
    private_constant :Spellings
  end
end
