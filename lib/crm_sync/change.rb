# frozen_string_literal: true

require_relative "notices/confidential"

module CrmSync
  # A change of a plan: the values that one record gets, and why.
  class Change
    # @return [Symbol] in a contact sync +:link+, +:relink+, +:update+, +:unlink+, +:lead+ or +:sweep+; in an
    #   organization sync +:create+, +:update+, +:mark+ or +:unmark+; in both +:undo+ and +:redo+ (the undo of an undo),
    #   and in the history +:thaw+
    attr_reader :action
    # @return [Object] the record's primary key; in an organization sync the account's id
    attr_reader :key
    # @return [Hash{Symbol => Object}] the values that the record is expected to have, by column or field
    attr_reader :before
    # @return [Hash{Symbol => Object}] the values that replace them, by column or field
    attr_reader :after
    # @return [String] the reason
    attr_reader :reason
    # @return [Array<Symbol>] the budgets that the change counts against
    attr_reader :budgets

    # @api private
    def initialize(action:, key:, before:, after:, reason:, budgets:)
      @action = action
      @key = key
      @before = before.freeze
      @after = after.freeze
      @reason = reason.freeze
      @budgets = budgets.freeze
    end

    # @api private
    # @param values [Hash{Symbol => Object}] the values that were stored instead of those that were sent
    # @return [CrmSync::Change] the change as it was stored
    def stored(values)
      self.class.new(action:, key:, before:, after: after.merge(values), reason:, budgets:)
    end

    # @api private
    # @return [Array] the contents of the change, for a digest
    def to_a
      [action, key, before, after, reason, budgets]
    end

    # @return [Hash{Symbol => Object}] the contents of the change, for example for JSON
    # @example
    #   plan.changes.first.to_h # => { action: :link, key: 7, before: { … }, after: { … }, reason: "…", budgets: [] }
    def to_h
      { action:, key:, before:, after:, reason:, budgets: }
    end

    # @api private
    # @return [Array<Array(Symbol, String, String)>] each column with its old and its new value, as they may be shown
    def moves
      after.map do |column, value|
        [column, Confidential.value(column, before[column]), Confidential.value(column, value)]
      end
    end

    # @return [String] one line
    def to_s
      moves = self.moves.map { |column, from, to| "#{column}: #{from} → #{to}" }
      "#{action} #{Presentable.value(key)}  #{moves.join(", ")}  (#{reason})"
    end

    # @return [String]
    def inspect
      "#<#{self.class.name} #{self}>"
    end

    # Returns the Hash that Rails converts to JSON. Values look as in {#to_s}, without e-mail addresses.
    #
    # @return [Hash{String => Object}]
    # @example
    #   change.as_json["after"] # => { "faculty_status" => "confirmed_faculty" }
    def as_json(*)
      {
        "action" => action.to_s, "key" => key.is_a?(Integer) ? key : Presentable.value(key),
        "before" => moves.to_h { |column, from, _| [column.to_s, from] },
        "after" => moves.to_h { |column, _, to| [column.to_s, to] },
        "reason" => Presentable.text(reason), "budgets" => budgets.map(&:to_s)
      }
    end

    private

    def instead
      "keep as_json, or save its plan"
    end
  end
end
