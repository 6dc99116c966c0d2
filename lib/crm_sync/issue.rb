# frozen_string_literal: true

module CrmSync
  # Represents a problem that a person has to look at. It contains no e-mail address.
  class Issue
    # @return [Symbol] the kind of problem, such as +:contested_address+, +:held_user+, +:unknown_value+,
    #   +:shared_contact+
    attr_reader :kind
    # @return [String] a description of the problem and its remedy
    attr_reader :message
    # @return [Array<String>] the ids of the contacts concerned
    attr_reader :contacts
    # @return [Array<Object>] the primary keys of the users concerned
    attr_reader :users
    # @return [Array<String>] the ids of the accounts concerned
    attr_reader :accounts
    # @return [Array<Integer>] the ids of the organizations concerned
    attr_reader :organizations

    # @return [String, nil] the column or field whose value causes the issue, such as +"faculty_status"+ or
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
    # @return [Hash{Symbol => Object}] the attributes that have a value
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

    # Returns the attributes that have a value, for Rails' JSON serialization.
    # @return [Hash{String => Object}]
    def as_json(*)
      Confidential.plain(to_h)
    end
  end
end
