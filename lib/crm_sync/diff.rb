# frozen_string_literal: true

module CrmSync
  # The differences between two lists of records; see {CrmSync.diff}. Records and values are those that the
  # caller gave. Everything is in the order of the keys, whatever the order of the records.
  #
  # @example
  #   diff = CrmSync.diff(accounts, organizations, key: "account_id", fields: %w[owner])
  #   puts diff # 2 only left, 0 only right, 1 different, 7 equal, 0 conflicts
  #   diff.different.each { |difference| puts difference }
  class Diff
    # One key that both sides have, with fields that differ. +key+ is spelled as on the left; +fields+ has for each
    # field that differs, under the name that was asked for, the left value and the right one; +left+ and +right+ are
    # the records.
    Difference = Struct.new(:key, :fields, :left, :right) do
      # @return [String] one line
      def to_s
        moves = fields.map { |name, values| "#{name}: #{values.map { |value| Presentable.value(value) }.join(" → ")}" }
        "#{Presentable.text(key)}  #{moves.join(", ")}"
      end

      # @return [String]
      def inspect
        "#<#{self.class.name} #{self}>"
      end
    end

    # Records that are not compared, because their keys do not tell which they are. +kind+ is +:blank+ (no key),
    # +:malformed+ (neither text nor number) or +:duplicated+ (several records of one side have it); +key+ is the key
    # of duplicated ones; +left+ and +right+ are the records of each side.
    Conflict = Struct.new(:kind, :key, :left, :right) do
      # @return [String] one line
      def to_s
        "#{kind}#{" #{Presentable.text(key)}" if key}: #{left.size} left, #{right.size} right"
      end

      # @return [String]
      def inspect
        "#<#{self.class.name} #{self}>"
      end
    end

    # @return [Array<Hash>] the records whose key only the left side has
    attr_reader :only_left
    # @return [Array<Hash>] the records whose key only the right side has
    attr_reader :only_right
    # @return [Array<CrmSync::Diff::Difference>] the keys that both sides have, with a difference
    attr_reader :different
    # @return [Integer] the number of keys that both sides have with nothing different
    attr_reader :equal
    # @return [Array<CrmSync::Diff::Conflict>] the blank keys, the malformed ones, and then each duplicated one
    attr_reader :conflicts

    # @api private
    def initialize(only_left:, only_right:, different:, equal:, conflicts:)
      @only_left = only_left.freeze
      @only_right = only_right.freeze
      @different = different.freeze
      @equal = equal
      @conflicts = conflicts.freeze
      freeze
    end

    # @return [Boolean] whether both sides say the same: nothing differs, is missing or is in conflict
    # @example
    #   CrmSync.diff(rows, rows.shuffle, key: "id", fields: %w[name]).empty? # => true
    def empty?
      [only_left, only_right, different, conflicts].all?(&:empty?)
    end

    # @return [Boolean] whether the other one is a diff that says the same
    def ==(other)
      other.is_a?(Diff) && parts == other.parts
    end

    # @return [String] one line with counts
    def to_s
      names = ["only left", "only right", "different", "equal", conflicts.one? ? "conflict" : "conflicts"]
      counts = parts.map { |part| Presentable.count(part.is_a?(Integer) ? part : part.size) }
      counts.zip(names).map { |count, name| "#{count} #{name}" }.join(", ")
    end

    # @return [String] counts only: no record
    def inspect
      "#<#{self.class.name} #{self}>"
    end

    protected

    def parts
      [only_left, only_right, different, equal, conflicts]
    end
  end
end
