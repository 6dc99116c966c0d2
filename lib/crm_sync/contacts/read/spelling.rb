# frozen_string_literal: true

module CrmSync
  module Contacts
    # Spells values of keys as Salesforce queries need them: there a number is not a text, and letter case may matter in
    # a text field that is unique.
    class Spelling
      # The types of fields whose values are numbers.
      NUMBERS = %i[int double currency percent long].freeze
      private_constant :NUMBERS

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @declaration = schema.declaration
        @numeric = {}
      end

      # @param key [ResolvedKey]
      # @param side [:to, :leads] whether the fields are those of contacts or of leads
      # @param texts (see #of)
      # @return [Array<Array(String, Array)>] the fields of the key, each with the spellings for it
      def lists(key, side, texts)
        key.public_send(side).map { |field| [field, of(key, side, field, texts)] }
      end

      # @param key [ResolvedKey]
      # @param side [:to, :leads] whether the field is one of contacts or of leads
      # @param field [String]
      # @param texts [Array<String>] values in their normal form, and as they are spelled elsewhere
      # @return [Array<String, Integer>] the spellings in which the field can have these values
      def of(key, side, field, texts)
        case key.kind
        when :integer then integers(side, field, texts)
        when Key::LEAD then texts.filter_map { |text| RecordId.long(text) }.uniq # Salesforce refuses any other text.
        when :uuid then texts.flat_map { |text| [text, text.downcase, text.upcase] }.uniq
        else texts
        end
      end

      private

      def integers(side, field, texts)
        whole = texts.grep(/\A-?\d+\z/)
        numeric?(side, field) ? whole.map(&:to_i).uniq : whole
      end

      # Asks the org once whether a field is numeric: a query that compares a number with a text is refused.
      def numeric?(side, field)
        @numeric.fetch([side, field]) do |place|
          object = side == :leads ? @declaration.leads.object : @declaration.contacts.object
          @numeric[place] = NUMBERS.include?(Salesforce.client(@declaration.org).describe(object)[field]&.type)
        end
      end
    end
    private_constant :Spelling
  end
end
