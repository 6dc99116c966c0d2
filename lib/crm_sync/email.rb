# frozen_string_literal: true

module CrmSync
  # Normalizes e-mail addresses, so that they can be compared.
  module Email
    # Returns the normal form of an address: without white space around it, with ASCII letters in lower case, and with
    # its domain as an A-label where UTS 46 changes nothing but case. Two addresses are the same if their normal forms
    # are equal; the syncs link users by nothing looser.
    #
    # @param text [String, nil]
    # @return [String, nil] +nil+ for a blank text, which is not an address
    # @raise [TypeError] when +text+ is neither a String nor nil
    # @example
    #   CrmSync::Email.normalize(" Ann@B.edu ") # => "ann@b.edu"
    def self.normalize(text)
      Native.normalize_address(text)
    end
  end
end
