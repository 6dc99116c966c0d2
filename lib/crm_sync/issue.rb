# frozen_string_literal: true

module CrmSync
  # Something that a person has to look at. It holds nobody's address.
  class Issue
    # @return [Symbol] such as +:contested_address+, +:held_user+, +:unknown_value+, +:shared_contact+
    attr_reader :kind
    # @return [String] the problem and the remedy
    attr_reader :message
    # @return [Array<String>] the ids of the contacts that it is about
    attr_reader :contacts
    # @return [Array<Object>] the keys of the users that it is about
    attr_reader :users
    # @return [Array<String>] the ids of the accounts that it is about
    attr_reader :accounts
    # @return [Array<Integer>] the ids of the organizations that it is about
    attr_reader :organizations

    # @return [String, nil] the column or field whose value it is about, such as +"faculty_status"+ or
    #   +"organization_fields.owner"+
    attr_reader :field

    # @api private
    def initialize(kind:, message:, contacts: [], users: [], accounts: [], organizations: [], field: nil)
      @kind = kind
      @field = field
      @message = message
      @contacts = contacts
      @users = users
      @accounts = accounts
      @organizations = organizations
      freeze
    end

    # @api private
    # @return [Hash{Symbol => Object}] the members that are set
    def to_h
      values = { kind:, message:, contacts:, users:, accounts:, organizations:, field: }
      values.reject { |_, value| value.nil? || value == [] }
    end

    # @return [String] one line
    def to_s
      "#{kind}: #{message}"
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{self}>"
    end

    # Returns what Rails makes JSON of.
    # @return [Hash{String => Object}]
    def as_json(*)
      Confidential.plain(to_h)
    end
  end
end
