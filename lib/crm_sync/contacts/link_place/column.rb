# frozen_string_literal: true

module CrmSync
  module Contacts
    module LinkPlace
      # Represents a contact's id that is kept in a column of the model.
      class Column
        # @param schema [CrmSync::Contacts::Schema]
        def initialize(schema)
          @schema = schema
        end

        # @return [Symbol] the name of the id in changes
        def name = column

        # @return [Symbol] the column that holds the id
        def column = @schema.declaration.foreign_key

        # @return [Class, nil] the model that has this column; nil if the declaration leads to none
        def model = @schema.model

        # @param _name [Symbol, String] the name that a change uses
        # @return [Boolean] whether it is the name of an id that is not in a column of the model
        def beside?(_name) = false

        # @return [Boolean] whether an unlink writes NULL
        def emptied? = true

        # @param whose [String] the person, in words
        # @return [String] for a message, the way to unlink a user by hand
        def mend(whose) = "set #{column} of #{whose} to NULL"

        # @return [String] SQL for the id of a user, in a statement that selects from the table of users with {#join}
        def sql = "#{model.quoted_table_name}.#{@schema.connection.quote_column_name(column)}"

        # @return [String] SQL that follows the table of users in a FROM clause
        def join = ""

        # @param users [ActiveRecord::Relation]
        # @return [ActiveRecord::Relation] the same users, with {#join}
        def joined(users) = users

        # @param users [ActiveRecord::Relation]
        # @param ids [Array<String>] the ids, in each of their spellings
        # @return [Array<Array(Object, String)>] the primary keys of the users who have one of these ids, each with the
        #   id as it is stored
        def holders(users, ids) = users.where(column => ids).pluck(model.primary_key, column)

        # @param users [ActiveRecord::Relation]
        # @return [ActiveRecord::Relation] the same users, loaded so that {#of} needs no query
        def preloaded(users) = users

        # @param record [ActiveRecord::Base]
        # @return [String, nil] the id that the record has in memory
        def of(record) = record[column.name]

        # Reads the id of a record that is locked, and locks the place of the id as well.
        #
        # @param record [ActiveRecord::Base]
        # @return [String, nil]
        def lock(record) = record[column]

        # Removes the ids of users who get each other's contacts, past the model, before new ids are written.
        #
        # @param keys [Array<Object>] the primary keys of users whose rows are locked
        # @return [void]
        def give_up(keys)
          model.unscoped.where(model.primary_key => keys).update_all(column => nil)
        end

        # Reloads a record whose id was removed by {#give_up}, and sets the previous id again, so that callbacks of the
        # model do not see the removal.
        #
        # @param record [ActiveRecord::Base]
        # @return [void]
        def reload(record)
          id = record[column]
          record.reload
          record[column] = id
          record.clear_attribute_changes([column])
        end

        # Writes an id that is not in a column of the model.
        #
        # @param _record [ActiveRecord::Base] a record whose id has been locked
        # @param _values [Hash{Symbol => Object}] the new values by name
        # @return [void]
        def write(_record, _values) = nil

        # @param _keys [Array<Object>] the primary keys of users
        # @return [Hash{Object => String}] by primary key, the ids that are not in a column of the model
        def read(_keys) = {}
      end
    end
  end
end
