# frozen_string_literal: true

module CrmSync
  # The ids of Salesforce records: 15 characters in which case is significant, or the same with a suffix of three
  # characters that encodes the case. Only the core knows which texts are ids.
  module RecordId
    # @param text [Object]
    # @return [String, nil] the id in 18 characters; nil if the text is not an id, or its suffix does not match
    def self.long(text)
      Native.id_spellings(text)&.first
    end

    # @param text [String] an id in either spelling
    # @return [Array<String>] the long spelling, then the short one; for a text that is not an id, only the text
    def self.spellings(text)
      Native.id_spellings(text) || [text]
    end

    # @param text [String]
    # @return [String] a value that is equal for both spellings of an id; the text itself if it is not an id
    def self.same(text)
      long(text) || text
    end
  end
  private_constant :RecordId
end
