# frozen_string_literal: true

require_relative "../../../plan/kept_form"
require_relative "../set_columns"
require_relative "../set_sql"

module CrmSync
  module Contacts
    class Premises
      # Base of the premises. Each says all there is to say of it: the value that a change expects, the SQL by which a
      # batch is written where it holds, the second look at a single change under its lock, and its form in a plan file.
      # The SQL may refuse too much, never too little: the second look decides.
      class Premise
        include SetSql

        # The members of {Basis} that hold the value, if the decision gives it one of its own.
        VALUES = [].freeze
        # The form of what {#dump} gives, which a plan file has.
        FORM = {}.freeze

        # @param schema [CrmSync::Contacts::Schema]
        def initialize(schema)
          @schema = schema
          @declaration = schema.declaration
          @model = schema.model
        end

        # @param _written [Array<Symbol>] the model's columns that the changes of a batch write
        # @return [Array<SetColumns::Column>] the columns of the batch that hold the value
        def columns(_written) = []

        # @param _written (see #columns)
        # @return [Array<String>] SQL conditions under which the premise certainly holds
        def conditions(_written) = []

        # @param _changes [Array<CrmSync::Change>]
        # @return [Array<CrmSync::Change>] those for which the conditions may hold although the premise does not
        def doubtful(_changes) = []

        # Looks at the record, which is locked, and beside it.
        #
        # @param change [CrmSync::Change]
        # @param _found [LockedRecords::Found]
        # @param facts [Facts] those of its batch
        # @return [String, nil] what has moved
        def moved(change, _found, facts) = moved_beside(change, facts)

        # Looks at what is not in the record, and so not locked.
        #
        # @param _change (see #moved)
        # @param _facts (see #moved)
        # @return (see #moved)
        def moved_beside(_change, _facts) = nil

        # Notes that a change of a batch has been written.
        #
        # @param _change (see #moved)
        # @param _facts (see #moved)
        # @return [void]
        def wrote(_change, _facts) = nil

        # @param _basis [Basis]
        # @return [Hash{String => Object}] the value for JSON; nil for what it does not have
        def dump(_basis) = {}

        # @param _kept [Hash{String => Object}] what {#dump} gave
        # @param _stale [Proc] raises, with the problem
        # @return [Hash{Symbol => Object}] the members of {Basis}
        def load(_kept, _stale) = {}

        private

        def column(name, like, &value) = SetColumns::Column.new(name, like, value)

        # Compares what stands there with what a change expects. What the core could not read of a text, it has as the
        # characters that stand for that.
        def same?(name, stands, expected)
          stands, expected = [stands, expected].map { |value| @schema.canonical(name, value) }
          stands == expected || (stands.is_a?(String) && !stands.valid_encoding? && stands.scrub == expected)
        end

        # Returns the key of the record in the form in which facts have it.
        def key(change) = @schema.text_of_key(change.key)
      end
    end
  end
end
