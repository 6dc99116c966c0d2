# frozen_string_literal: true

module CrmSync
  module Contacts
    # The values of a column that, like a blank, say nothing about a user: the value of a new record, and the value that
    # +unmatched+ sets. A user who leaves any other value because of leads, or because there are none, loses something.
    module IdleValues
      class << self
        # @param schema [CrmSync::Contacts::Schema]
        # @param column [Symbol]
        # @return [Array<Object>]
        def of(schema, column)
          [default(schema, column), unmatched(schema, column)].uniq
        end

        # @return [Object] the value that a new record has
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
