# frozen_string_literal: true

module CrmSync
  # One change of a plan: what happens to one record, and why.
  class Change
    # @return [Symbol] +:link+, +:relink+, +:update+, +:unlink+, +:lead+ or +:sweep+
    attr_reader :action
    # @return [Object] the record's primary key
    attr_reader :key
    # @return [Hash{Symbol => Object}] the values that are expected to stand there, by column
    attr_reader :before
    # @return [Hash{Symbol => Object}] the values that take their place, by column
    attr_reader :after
    # @return [String] why
    attr_reader :reason
    # @return [Array<Symbol>] the budgets that it counts against
    attr_reader :budgets
    # @return [String, nil] the id of the contact that the record has afterwards
    attr_reader :contact_id
    # @api private
    # @return [CrmSync::Contacts::Premises::Basis] what it stands on
    attr_reader :basis

    # @api private
    def initialize(action:, key:, before:, after:, reason:, budgets:, contact_id:, basis:)
      @action = action
      @key = key
      @before = before.freeze
      @after = after.freeze
      @reason = reason.freeze
      @budgets = budgets.freeze
      @contact_id = contact_id
      @basis = basis
      freeze
    end

    # What an audit trail wants to know.
    #
    # @return [Hash{Symbol => Object}]
    # @example
    #   SecurityLog.create!(user: user, event_type: :faculty_verified, event_data: change.audit)
    def audit
      { basis.key_name => key, basis.link_name => contact_id, action:, reason: }
    end

    # @api private
    # @return [Array<Array(Symbol, String, String)>] each column with what stands there and what takes its place
    def moves
      after.map { |column, value| [column, Presentable.value(before[column]), Presentable.value(value)] }
    end

    # @return [String] one line
    def to_s
      "#{action} #{key}  #{moves.map { |column, from, to| "#{column}: #{from} → #{to}" }.join(", ")}  (#{reason})"
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{self}>"
    end
  end
end
