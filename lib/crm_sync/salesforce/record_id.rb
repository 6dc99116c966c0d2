# frozen_string_literal: true

module CrmSync
  # The ids of Salesforce's records: 15 characters in which case counts, or the same with three more that make up for a
  # loss of case. Only the core knows which texts are ids.
  module RecordId
    # @param text [Object]
    # @return [String, nil] the id in 18 characters; nil for what is not an id, also where the last three do not fit
    def self.long(text)
      Native.id_spellings(text)&.first
    end

    # @param text [String] an id in either spelling
    # @return [Array<String>] the long spelling, then the short one; for a text that is not an id, only the text
    def self.spellings(text)
      Native.id_spellings(text) || [text]
    end

    # @param text [String]
    # @return [String] what is the same for both spellings of an id; the text itself where it is not an id
    def self.same(text)
      long(text) || text
    end
  end
  private_constant :RecordId
end
