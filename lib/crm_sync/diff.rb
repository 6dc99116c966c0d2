# frozen_string_literal: true

module CrmSync
  # Represents the differences between two lists of records; see {CrmSync.diff}. It holds the caller's own records and
  # values. Its lists are in the order of the keys, whatever the order of the records was.
  #
  # @example
  #   diff = CrmSync.diff(accounts, organizations, key: "account_id", fields: %w[owner])
  #   puts diff # 2 only left, 0 only right, 1 different, 7 equal, 0 conflicts
  #   diff.different.each { |difference| puts difference }
  class Diff
    # Represents a key that both sides have, with fields that differ. +key+ is spelled as on the left side. +fields+
    # maps the name of each field that differs, as the caller gave it, to the left value and the right value. +left+ and
    # +right+ are the records.
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

    # Represents records that are not compared because their keys do not identify them. +kind+ is +:blank+ (there is no
    # key), +:malformed+ (the key is neither text nor a number) or +:duplicated+ (several records of one side have the
    # key). +key+ is set for a duplicated key only. +left+ and +right+ are the records of each side.
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

    # @return [Array<Hash>] the records whose key is on the left side only
    attr_reader :only_left
    # @return [Array<Hash>] the records whose key is on the right side only
    attr_reader :only_right
    # @return [Array<CrmSync::Diff::Difference>] the keys on both sides whose records differ
    attr_reader :different
    # @return [Integer] the number of keys on both sides whose records are equal
    attr_reader :equal
    # @return [Array<CrmSync::Diff::Conflict>] one for all blank keys, one for all malformed keys, and one for each
    #   duplicated key
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

    # @return [Boolean] whether the sides are equal: no record differs, is missing or is in conflict
    # @example
    #   CrmSync.diff(rows, rows.shuffle, key: "id", fields: %w[name]).empty? # => true
    def empty?
      [only_left, only_right, different, conflicts].all?(&:empty?)
    end

    # @return [Boolean] whether the other object is a Diff with the same content
    def ==(other)
      other.is_a?(Diff) && parts == other.parts
    end

    # @return [String] the counts in one line
    def to_s
      names = ["only left", "only right", "different", "equal", conflicts.one? ? "conflict" : "conflicts"]
      counts = parts.map { |part| Presentable.count(part.is_a?(Integer) ? part : part.size) }
      counts.zip(names).map { |count, name| "#{count} #{name}" }.join(", ")
    end

    # @return [String] the counts only, without records
    def inspect
      "#<#{self.class.name} #{self}>"
    end

    protected

    def parts
      [only_left, only_right, different, equal, conflicts]
    end
  end
end
