# frozen_string_literal: true

require_relative "premise"

module CrmSync
  module Contacts
    class Premises
      # The premise that the written columns have the values that they had. {Link} checks the column of the contact. A
      # plan file has these values anyway: they are the change's values before it.
      class Columns < Premise
        # @see Premise#columns
        def columns(written)
          written.each_with_index.map do |name, place|
            column("before_#{place}", own(name)) { |change| @schema.serialize(name, change.before[name]) }
          end
        end

        # @see Premise#conditions
        def conditions(written)
          written.each_with_index.filter_map do |name, place|
            next if name == @schema.link.name

            "(NOT #{given("writes_#{place}")} OR #{same(own(name), given("before_#{place}"))})"
          end
        end

        # @see Premise#moved
        def moved(change, found, _facts)
          columns = change.before.keys - [@schema.link.name]
          name = columns.find { |column| !same?(column, found.record[column], change.before[column]) }
          name && "#{name} has changed"
        end
      end
    end
  end
end
