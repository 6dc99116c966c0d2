# frozen_string_literal: true

require_relative "../declare/association_rows"
require_relative "../read/membership"

module CrmSync
  module Contacts
    module LinkPlace
      # Represents a contact's id that is kept in the row of a +has_one+ whose conditions are equalities, as in a
      # key-value table. A link creates the row, a relink updates it, and an unlink deletes it. The lock of the user
      # prevents two runs from both creating it. A user with several such rows is held, because there is no way to tell
      # which of them counts.
      class Row
        # Stands for the id of a user with several rows; the core knows this text (+src/contacts/user_rows.rs+).
        SEVERAL = "several rows"
        private_constant :SEVERAL

        # @param schema [CrmSync::Contacts::Schema]
        def initialize(schema)
          @schema = schema
          @declaration = schema.declaration
        end

        # @see Column#name
        def name = @declaration.through

        # @see Column#column
        def column = @declaration.foreign_key

        # @see Column#model
        def model
          @model ||= reflection.klass if reflection&.macro == :has_one && !reflection.through_reflection?
        rescue NameError
          nil # The class of the association does not exist.
        end

        # @return [ActiveRecord::Reflection, nil] the association, if the model has it
        def reflection = @schema.model.reflect_on_association(name)

        # @return [ActiveRecord::Relation] the rows of all users
        def rows
          AssociationRows.of(reflection, @schema.model)
        end

        # @see Column#beside?
        def beside?(name) = name.to_s == self.name.to_s

        # @see Column#emptied?
        def emptied? = false

        # @see Column#mend
        def mend(whose) = "delete the #{name} of #{whose}"

        # @see Column#sql
        def sql = "crm_sync_links.crm_sync_contact"

        # @see Column#join
        def join
          own, id = [reflection.foreign_key, column].map { |name| "#{model.quoted_table_name}.#{quote(name)}" }
          " LEFT JOIN (SELECT #{own} AS crm_sync_owner, " \
            "CASE WHEN COUNT(*) > 1 THEN '#{SEVERAL}' ELSE MIN(#{id}) END AS crm_sync_contact " \
            "FROM #{model.quoted_table_name} WHERE #{Membership.sql(rows)} GROUP BY #{own}) crm_sync_links " \
            "ON crm_sync_links.crm_sync_owner = #{@schema.model.quoted_table_name}.#{@schema.model.quoted_primary_key}"
        end

        # @see Column#joined
        def joined(users) = users.joins(join)

        # @see Column#holders
        def holders(users, ids)
          kept = of_users(users.reselect(@schema.model.primary_key)).where(column => ids)
          kept.pluck(reflection.foreign_key, column).uniq
        end

        # @see Column#preloaded
        def preloaded(users) = users.preload(name)

        # @see Column#of
        def of(record)
          row = record.association(name).reader
          row && row[column]
        end

        # @see Column#lock
        def lock(record)
          found = of_users(record.id).lock("FOR NO KEY UPDATE").limit(2).to_a
          association = record.association(name)
          association.target = found.first
          association.set_inverse_instance(found.first) if found.any?
          one(found.map { |row| row[column] })
        end

        # Leaves the ids in place if the column cannot be NULL: deleting the row is no alternative, because the row is
        # to stay.
        # @see Column#give_up
        def give_up(keys)
          of_users(keys).update_all(column => nil) if model.columns_hash[column.to_s].null
        end

        # @see Column#reload
        def reload(record)
          record.reload
          lock(record)
        end

        # @see Column#write
        def write(record, values)
          return unless values.key?(name)

          row = record.association(name)
          values[name].nil? ? delete(row) : put(row, values[name])
        end

        # @see Column#read
        def read(keys)
          found = of_users(keys).pluck(reflection.foreign_key, column).group_by(&:first)
          found.transform_values { |rows| one(rows.map(&:last)) }
        end

        private

        def of_users(keys) = rows.where(reflection.foreign_key => keys)

        def one(ids) = ids.many? ? SEVERAL : ids.first

        def put(association, id)
          row = association.target || association.build
          row.assign_attributes(column => id)
          row.save! or raise ActiveRecord::RecordNotSaved.new("a callback rolled it back", row)
        end

        def delete(association)
          association.target&.destroy!
          association.target = nil
        end

        def quote(name) = @schema.connection.quote_column_name(name)
      end
    end
  end
end
