# frozen_string_literal: true

module CrmSync
  # Something that a person has to look at. It holds nobody's address.
  class Issue
    # @return [Symbol] such as +:contested_address+, +:held_user+, +:unknown_value+, +:shared_contact+
    attr_reader :kind
    # @return [String] what is wrong and what to do
    attr_reader :message
    # @return [Array<String>] the ids of the contacts that it is about
    attr_reader :contacts
    # @return [Array<Object>] the keys of the users that it is about
    attr_reader :users

    # @api private
    def initialize(kind:, message:, contacts: [], users: [])
      @kind = kind
      @message = message
      @contacts = contacts
      @users = users
      freeze
    end

    # @return [String] one line
    def to_s
      "#{kind}: #{message}"
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{self}>"
    end
  end
end
