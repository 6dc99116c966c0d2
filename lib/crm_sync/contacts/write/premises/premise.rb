# frozen_string_literal: true

require_relative "../../../plan/kept_form"
require_relative "../set_columns"
require_relative "../set_sql"

module CrmSync
  module Contacts
    class Premises
      # Base class of the premises. Each class holds everything about one premise: the value that a change expects, the
      # SQL by which a batch is written where the premise holds, the second check of a single change under its lock, and
      # the form in a plan file. The SQL may refuse too much, but never too little: the second check decides.
      class Premise
        include SetSql

        # The members of {Basis} that hold the value, if the decision gives one just for this premise.
        VALUES = [].freeze
        # The form of the result of {#dump} in a plan file.
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
        # @return [Array<CrmSync::Change>] the changes for which the conditions may hold although the premise does not
        def doubtful(_changes) = []

        # Checks the record, which is locked, and the data outside of it.
        # @param change [CrmSync::Change]
        # @param _found [LockedRecords::Found]
        # @param facts [Facts] the facts of the change's batch
        # @return [String, nil] what has moved
        def moved(change, _found, facts) = moved_beside(change, facts)

        # Checks the data outside of the record, which is not locked.
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
        # @return [Hash{String => Object}] the values for JSON; nil for those that the change does not have
        def dump(_basis) = {}

        # @param _kept [Hash{String => Object}] the result of {#dump}
        # @param _stale [Proc] raises an error with the problem
        # @return [Hash{Symbol => Object}] the members of {Basis}
        def load(_kept, _stale) = {}

        private

        def column(name, like, &value) = SetColumns::Column.new(name, like, value)

        # Compares the stored value with the one that a change expects. In the core's texts, replacement characters
        # stand for bytes that it could not read.
        def same?(name, stands, expected)
          stands, expected = [stands, expected].map { |value| @schema.canonical(name, value) }
          stands == expected || (stands.is_a?(String) && !stands.valid_encoding? && stands.scrub == expected)
        end

        # Returns the key of the record in the form that facts use.
        def key(change) = @schema.text_of_key(change.key)
      end
    end
  end
end
