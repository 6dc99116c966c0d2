# frozen_string_literal: true

module CrmSync
  module Contacts
    # The values of a column that say nothing about a user, beside blank ones: that of a new record, and the one that
    # +unmatched+ sets. A user who leaves any other value because of leads, or for want of them, loses something.
    module IdleValues
      class << self
        # @param schema [CrmSync::Contacts::Schema]
        # @param column [Symbol]
        # @return [Array<Object>]
        def of(schema, column)
          [default(schema, column), unmatched(schema, column)].uniq
        end

        # @return [Object] the value of a new record
        def default(schema, column)
          schema.model.column_defaults[column.to_s]
        end

        private

        def unmatched(schema, column)
          sweep = schema.declaration.sweep
          schema.cast(column, sweep.set[column], sweep.line) if sweep&.set&.key?(column)
        end
      end
    end
    private_constant :IdleValues
  end
end
