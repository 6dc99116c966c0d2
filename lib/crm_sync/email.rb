# frozen_string_literal: true

module CrmSync
  # E-mail addresses as keys.
  module Email
    # The key of an address: trimmed of white space, ASCII-lower-cased, its domain as A-label where UTS 46 changes
    # nothing but case. Two addresses are the same when their keys are equal; nothing looser ever links.
    #
    # @param text [String, nil]
    # @return [String, nil] +nil+ for a blank, which is not an address
    # @raise [TypeError] when given something that is neither String nor nil
    # @example
    #   CrmSync::Email.normalize(" Ann@B.edu ") # => "ann@b.edu"
    def self.normalize(text)
      Native.normalize_address(text)
    end
  end
end
