# frozen_string_literal: true

module CrmSync
  # The books of a plan or a run: every record of every source is in exactly one bucket.
  class Ledger
    # The book of one source: the number of its rows, the buckets, and notes about properties that cut across the
    # buckets.
    Book = Struct.new(:rows, :buckets, :notes, keyword_init: true) do
      # Builds the book of planned changes: each change is in the bucket of its action.
      # @api private
      # @param changes [Array<CrmSync::Change>]
      # @param notes [Hash{Symbol => Integer}]
      # @return [CrmSync::Ledger::Book]
      def self.of_changes(changes, notes = {})
        new(rows: changes.size, buckets: changes.map(&:action).tally, notes:)
      end

      # @return [Boolean] whether the buckets add up to the rows
      def balanced?
        buckets.values.sum == rows
      end

      # @return [String]
      def inspect
        "#<#{self.class.name} #{to_h}>"
      end

      # Returns the Hash that Rails converts to JSON.
      # @return [Hash{String => Object}]
      def as_json(*)
        Confidential.plain(to_h)
      end
    end

    # @return [Hash{Symbol => CrmSync::Ledger::Book}] in a contact sync +:contacts+, +:leads+ and +:users+, in an
    #   organization sync +:accounts+ and +:organizations+; in both +:changes+, by action, and after a run by outcome
    attr_reader :books

    # @api private
    def initialize(books)
      @books = books.freeze
      freeze
      unbalanced = books.reject { |_, book| book.balanced? }.keys.join(", ")
      return if unbalanced.empty?

      raise InternalError, "the books do not balance: #{unbalanced}. Nothing was written; please report it"
    end

    # @param source [Symbol]
    # @return [CrmSync::Ledger::Book]
    # @raise [KeyError] when the ledger has no such book
    # @example
    #   run.ledger[:contacts].buckets[:closed] # => 12
    def [](source)
      books.fetch(source)
    end

    # @return [Boolean] always true: a ledger that does not balance cannot be built
    def balanced?
      books.values.all?(&:balanced?)
    end

    # Returns the same books, with the changes in buckets by outcome.
    # @api private
    def with_outcomes(outcomes)
      changes = books[:changes]
      self.class.new(books.merge(changes: Book.new(rows: changes.rows, buckets: outcomes, notes: changes.notes)))
    end

    # Returns the same books, with the records that are left alone in buckets of their own.
    # @api private
    # @param moves [Hash{Array(Symbol, Symbol) => Integer}] the number of rows that move from the bucket of an action to
    #   another bucket
    # @param changes [Array<CrmSync::Change>] the remaining changes
    # @param fields [Array<Symbol>] the kind of reason, for each field that is left alone
    # @return [CrmSync::Ledger]
    def with_left_alone(moves, changes, fields = [])
      notes = books[:changes].notes.merge(fields.map { |kind| :"#{kind}_fields" }.tally)
      sources = books.except(:changes).transform_values do |book|
        moved = moves.select { |(from, _), count| book.buckets.fetch(from, 0) >= count }
        buckets = moved.reduce(book.buckets) { |left, ((from, to), count)| move(left, from, to, count) }
        Book.new(rows: book.rows, buckets:, notes: book.notes)
      end
      self.class.new({ **sources, changes: Book.of_changes(changes, notes) })
    end

    # @return [Hash{Symbol => Hash}]
    def to_h
      books.transform_values(&:to_h)
    end

    # Returns the Hash that Rails converts to JSON.
    # @return [Hash{String => Object}]
    def as_json(*)
      Confidential.plain(to_h)
    end

    # @return [Boolean] whether the books of both are equal
    def ==(other)
      other.is_a?(Ledger) && other.to_h == to_h
    end

    # @return [String] a few lines: each source as a sum of its buckets, followed by its notes
    def to_s
      rows = books.transform_values { |book| Presentable.count(book.rows) }
      widths = [rows.keys, rows.values].map { |texts| texts.map(&:size).max }
      rows.flat_map do |name, count|
        lines(books[name], "#{name.to_s.ljust(widths.first)}  #{count.rjust(widths.last)} = ")
      end.join("\n")
    end

    private

    def move(buckets, from, to, count)
      buckets.merge(from => buckets[from] - count, to => buckets.fetch(to, 0) + count)
    end

    def lines(book, head)
      sum = words(book.buckets).join(" + ").presence || "0"
      notes = words(book.notes.to_h { |name, count| [count == 1 ? one(name) : name, count] }).join(", ")
      ["#{head}#{sum}", ("#{" " * head.size}(#{notes})" if notes.present?)].compact
    end

    # Returns the name of a note in the singular.
    def one(name)
      name.to_s.sub(/\Afields_of/, "field_of").singularize
    end

    def words(counts)
      filled = counts.select { |_, count| count.positive? }
      filled.map { |name, count| "#{Presentable.count(count)} #{name.to_s.tr("_", " ")}" }
    end
  end
end
