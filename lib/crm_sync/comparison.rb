# frozen_string_literal: true

require_relative "comparison/field"
require_relative "comparison/path"
require_relative "comparison/value"
require_relative "diff"

module CrmSync
  # Brings two lists to the core, and its answer back as a {Diff}.
  class Comparison
    # Records that cross to the core at a time; in between, other threads and interrupts get their turn.
    SLICE = 1_000
    private_constant :SLICE

    # @raise [ArgumentError]
    def self.wrong(message)
      raise ArgumentError, "CrmSync.diff: #{message}"
    end

    # @return [String] the kind of a value, without the value
    def self.a(value)
      value.nil? ? "nil" : "of class #{value.class}"
    end

    # @raise [ArgumentError] when something is not what it must be
    def initialize(left, right, key:, fields:)
      @key = Field.new("key:", key)
      @fields = Field.list(fields)
      @left = list("left", left)
      @right = list("right", right)
    end

    # @return [CrmSync::Diff]
    # @raise [ArgumentError] when a record is not what it must be
    def diff
      found = compare
      Diff.new(only_left: at(@left, found[:only_left]), only_right: at(@right, found[:only_right]),
               different: found[:different].map { |places| difference(*places) }, equal: found[:equal],
               conflicts: found[:conflicts].map { |places| conflict(*places) })
    end

    private

    def list(side, records)
      return records.to_a.dup.freeze if records.is_a?(Enumerable) && !records.is_a?(Hash)

      Comparison.wrong("#{side} is #{Comparison.a(records)}; give an Array (or another Enumerable) of Hashes")
    end

    def compare
      native = Native::Comparison.new(@fields.map(&:kind))
      hand_in(native, 0, "left", @left)
      hand_in(native, 1, "right", @right)
      native.compare(Host.new(Log.new("CrmSync.diff")))
    end

    def hand_in(native, side, name, records)
      at = 0
      records.each_slice(SLICE) do |slice|
        native.add(side, slice.map { |record| row("#{name} record", at += 1, record) })
      end
    end

    def row(name, number, record)
      unless record.is_a?(Hash)
        Comparison.wrong("#{name} #{number} is #{Comparison.a(record)}; give a Hash, such as a model's attributes")
      end
      current = @key
      [@key.value(record), *@fields.map { |field| (current = field).value(record) }]
    rescue Value::Unfit => e
      Comparison.wrong("#{name} #{number}: #{current.name} #{e.message}")
    end

    def difference(left, right, numbers)
      left = @left[left]
      right = @right[right]
      fields = @fields.values_at(*numbers).to_h { |field| [field.name, [field.of(left), field.of(right)].freeze] }
      Diff::Difference.new(@key.of(left), fields.freeze, left, right).freeze
    end

    def conflict(kind, left, right)
      left = at(@left, left).freeze
      right = at(@right, right).freeze
      key = @key.of(left.first || right.first) if kind == "duplicated"
      Diff::Conflict.new(kind.to_sym, key, left, right).freeze
    end

    # Returns the records at these places. Ruby before 3.3 takes only some 100,000 arguments, so that +values_at+ would
    # fail.
    def at(records, places) = places.map { |place| records[place] }

    Confidential.cover
  end
  private_constant :Comparison
end
