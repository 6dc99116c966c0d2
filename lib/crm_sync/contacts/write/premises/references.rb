# frozen_string_literal: true

require_relative "../../read/membership"
require_relative "../../read/referred_rows"
require_relative "premise"

module CrmSync
  module Contacts
    class Premises
      # The premise that the row that a reference leads to exists, and still has the contact's value.
      class References < Premise
        # (see Premise::VALUES)
        VALUES = %i[references].freeze
        # (see Premise::FORM)
        FORM = { "references" => KeptForm::Maybe.new(Hash) }.freeze

        # @see Premise#columns
        def columns(written)
          each_place(written).flat_map do |reference, place|
            %w[reference short_reference].each_with_index.map do |name, spelling|
              column("#{name}_#{place}", "text ''") { |change| spellings(change, reference)[spelling] }
            end
          end
        end

        # @see Premise#conditions
        def conditions(written)
          each_place(written).map do |reference, place|
            after = given("after_#{place}")
            "(NOT #{given("writes_#{place}")} OR #{after} IS NULL OR EXISTS (#{row_sql(reference, after, place)}))"
          end
        end

        # @see Premise#moved_beside
        def moved_beside(change, facts)
          written = @schema.references.select { |reference| change.after[reference.column] }
          lost = written.find { |reference| !leads?(change, reference, facts) }
          lost && "the row that #{lost.column} is to refer to is gone, or has another #{lost.by} now"
        end

        # @see Premise#dump
        def dump(basis) = { "references" => basis.references }

        # @see Premise#load
        def load(kept, _stale) = { references: kept["references"]&.transform_keys(&:to_sym) }

        private

        # Returns the references that are written, each with its place among the written columns.
        def each_place(written)
          @schema.references.filter_map do |reference|
            place = written.index(reference.column)
            [reference, place] if place
          end
        end

        def row_sql(reference, after, place)
          model = reference.reflection.klass
          key = reference.reflection.association_primary_key
          table = model.quoted_table_name
          "SELECT 1 FROM #{table} WHERE #{Membership.sql(model.all)} " \
            "AND #{table}.#{quote(key)} = CAST(#{after} AS #{model.columns_hash[key].sql_type}) " \
            "AND (#{table}.#{quote(reference.by)})::text COLLATE \"C\" " \
            "IN (#{given("reference_#{place}")}, #{given("short_reference_#{place}")})"
        end

        def spellings(change, reference)
          value = change.basis.references&.fetch(reference.column, nil)
          value.nil? ? [] : RecordId.spellings(value.to_s)
        end

        def leads?(change, reference, facts)
          value = change.basis.references&.fetch(reference.column, nil)
          rows = ReferredRows.new(reference)
          has = facts.read(:references, reference.column) do |changes|
            rows.values(changes.filter_map { |one| one.after[reference.column] })
          end
          !value.nil? && has[change.after[reference.column].to_s] == rows.same(value)
        end
      end
    end
  end
end
