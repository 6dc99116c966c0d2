# frozen_string_literal: true

require_relative "../decide/answers"
require_relative "../read/keyed_rows"

module CrmSync
  module Contacts
    # Reads the database after a write, in its transaction: a write that raises nothing may still not have stored the
    # value, because a callback may have put it back, or a trigger may have dropped it.
    class ReadBack
      # The value that is stored instead of the one that was sent, and who changed it: +"model"+ or +"database"+.
      Found = Struct.new(:value, :by)

      # Raised when some of the written values are not in the database. The whole transaction must be rolled back.
      class PutBack < StandardError
        # @return [Hash{CrmSync::Change => Hash{Symbol => Found}}] for each change, the columns that the host put back
        attr_reader :refused

        # @param refused (see #refused)
        def initialize(refused)
          @refused = refused
          columns = refused.values.flat_map(&:keys).uniq
          super("the host's own model or database put #{columns.join(", ")} back")
        end
      end

      # @param schema [CrmSync::Contacts::Schema]
      # @param answers [Answers, nil] remembers values that were rewritten; nil for an undo, which remembers nothing
      def initialize(schema, answers)
        @schema = schema
        @answers = answers
        @selected = Hash.new { |rows, names| rows[names] = KeyedRows.new(schema, schema.model.unscoped.select(names)) }
      end

      # @param changes [Array<CrmSync::Change>] changes that were just written
      # @param records [Hash{CrmSync::Change => ActiveRecord::Base}] the records of the model, if it wrote them
      # @return [Hash{CrmSync::Change => CrmSync::Change}] each change as it was stored
      # @raise [PutBack] when some values were not stored
      def of(changes, records = {})
        return {} if changes.empty?

        rows = rows(changes)
        found = changes.to_h do |change|
          [change, unlike(change, rows[@schema.canonical_key(change.key)], records[change])]
        end
        refuse(found.transform_values { |columns| values(columns.select { |_, one| one.put_back }) })
        found.to_h { |change, columns| [change, stored(change, values(columns))] }
      end

      # @param change [CrmSync::Change]
      # @param record [ActiveRecord::Base] the record after it was saved
      # @return [Boolean] whether the record has all values of the change, as far as the record knows
      def kept?(change, record)
        change.after.all? { |column, sent| same?(column, sent, @schema.value(record, column)) }
      end

      # @param change [CrmSync::Change]
      # @param row [Hash{String => Object}, nil] the record's row, as the database gives it
      # @return [Boolean] whether the row has all values of the change
      def stands?(change, row)
        !row.nil? && change.after.all? { |column, sent| same?(column, sent, value(row, column)) }
      end

      # Raises an error for a change of which nothing was written, as the model itself has noticed.
      #
      # @param change [CrmSync::Change]
      # @raise [PutBack] always
      def dropped(change)
        raise PutBack, { change => change.before.transform_values { |value| Found.new(value, "database") } }
      end

      private

      # The value in a column that should have another one, and whether the host put it back.
      Unlike = Struct.new(:found, :put_back)
      private_constant :Unlike

      def rows(changes)
        keys = changes.map(&:key)
        names = changes.flat_map { |change| change.after.keys }.uniq
        beside, own = names.partition { |name| @schema.link.beside?(name) }
        found = own_values(keys, own)
        beside.empty? ? found : with_links(found, @schema.link.read(keys))
      end

      def own_values(keys, names)
        key = @schema.model.primary_key
        rows = @selected[[key, *names, *virtual]].of(keys)
        rows.to_h { |row| [@schema.canonical_key(value(row, key)), names.to_h { |name| [name, value(row, name)] }] }
      end

      # Returns the columns that the database computes whenever they are read. They are read as well, because with some
      # values they cannot be computed, and the app could read the record no more.
      def virtual
        @virtual ||= @schema.virtual.map { |name| Arel.sql("#{@schema.model.quoted_table_name}.#{quoted(name)}") }
      end

      def quoted(name) = @schema.connection.quote_column_name(name)

      def with_links(found, links)
        links = links.transform_keys { |key| @schema.canonical_key(key) }
        found.to_h { |key, values| [key, { **values, @schema.link.name => links[key] }] }
      end

      def value(row, name) = @schema.type(name).deserialize(row[name.to_s])

      def refuse(found)
        refused = found.reject { |_, columns| columns.empty? }
        raise PutBack, refused if refused.any?
      end

      def values(columns) = columns.transform_values(&:found)

      # Returns the columns that have another value than the one written; all of them if the record is gone.
      def unlike(change, row, record)
        columns = change.after.keys.reject { |column| row && same?(column, change.after[column], row[column]) }
        columns.to_h do |column|
          found = Found.new(row && row[column], by(change, column, record))
          [column, Unlike.new(found, row.nil? || put_back?(change, column, row[column]))]
        end
      end

      def by(change, column, record)
        record && !same?(column, change.after[column], @schema.value(record, column)) ? "model" : "database"
      end

      # Returns whether the host put the value back. Another contact counts as put back, too: it is not a rewritten form
      # of the one that was sent.
      def put_back?(change, column, stands)
        link?(column) || same?(column, change.before[column], stands)
      end

      def same?(column, one, other)
        return true if @schema.canonical(column, one) == @schema.canonical(column, other)

        link?(column) && [one, other].all?(String) && [one, other].map { |id| RecordId.same(id.strip) }.uniq.one?
      end

      def link?(column) = column == @schema.link.name

      def stored(change, found)
        return change if found.empty?

        @answers&.keep(change, Answers::REWRITTEN, found)
        change.stored(found.transform_values(&:value))
      end
    end
    private_constant :ReadBack
  end
end
