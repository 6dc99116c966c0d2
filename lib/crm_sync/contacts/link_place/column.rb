# frozen_string_literal: true

module CrmSync
  module Contacts
    module LinkPlace
      # A column of the model.
      class Column
        # @param schema [CrmSync::Contacts::Schema]
        def initialize(schema)
          @schema = schema
        end

        # @return [Symbol] the name that the id has in changes
        def name = column

        # @return [Symbol] the column that holds the id
        def column = @schema.declaration.foreign_key

        # @return [Class, nil] the model of that column; nil if the declaration leads to none
        def model = @schema.model

        # @param _name [Symbol, String] of something that changes
        # @return [Boolean] whether it stands beside the model: it is the id, and in no column of the model
        def beside?(_name) = false

        # @return [Boolean] whether an unlink writes NULL
        def emptied? = true

        # @param whose [String]
        # @return [String] how a person unlinks somebody
        def mend(whose) = "set #{column} of #{whose} to NULL"

        # @return [String] SQL for the id of a user, in a statement from the table of users with {#join}
        def sql = "#{model.quoted_table_name}.#{@schema.connection.quote_column_name(column)}"

        # @return [String] SQL that follows the table of users
        def join = ""

        # @param users [ActiveRecord::Relation]
        # @return [ActiveRecord::Relation] the same, with {#join}
        def joined(users) = users

        # @param users [ActiveRecord::Relation]
        # @param ids [Array<String>] in each spelling
        # @return [Array<Array(Object, String)>] the keys of those users who have one of these ids, each with the id as
        #   it is kept
        def holders(users, ids) = users.where(column => ids).pluck(model.primary_key, column)

        # @param users [ActiveRecord::Relation]
        # @return [ActiveRecord::Relation] the same, so that {#of} asks the database no more
        def preloaded(users) = users

        # @param record [ActiveRecord::Base]
        # @return [String, nil] the id that the record has, as far as it knows
        def of(record) = record[column.name]

        # Reads the id of a record that is locked, and locks it as well.
        #
        # @param record [ActiveRecord::Base]
        # @return [String, nil]
        def lock(record) = record[column]

        # Takes the ids of users away, past the model, before each of them gets another one's.
        #
        # @param keys [Array<Object>] of users who are locked
        # @return [void]
        def give_up(keys)
          model.unscoped.where(model.primary_key => keys).update_all(column => nil)
        end

        # Reads a record again, without its being seen that its id was taken away: for the model it has the id that it
        # had.
        #
        # @param record [ActiveRecord::Base]
        # @return [void]
        def reload(record)
          id = record[column]
          record.reload
          record[column] = id
          record.clear_attribute_changes([column])
        end

        # Writes the id, where it stands beside the model.
        #
        # @param _record [ActiveRecord::Base] one whose id has been locked
        # @param _values [Hash{Symbol => Object}] what is written, by name
        # @return [void]
        def write(_record, _values) = nil

        # @param _keys [Array<Object>] of users
        # @return [Hash{Object => String}] the ids that stand beside the model, by key
        def read(_keys) = {}
      end
    end
  end
end
