# frozen_string_literal: true

module CrmSync
  module CommandLine
    # A table of names and descriptions that fits the width of the terminal without cutting off text.
    class Table
      # The minimum number of columns for the descriptions; with fewer, a description goes below its name.
      LEAST = 30
      BELOW = 6
      private_constant :LEAST, :BELOW

      # @param text [String]
      # @param room [Integer] columns
      # @return [Array<String>] lines, broken between words
      def self.fold(text, room)
        text.scan(/\S.{0,#{[room, 1].max - 1}}(?=\s|\z)|\S+/)
      end

      # @param rows [Array<Array(String, String)>]
      # @param indent [Integer]
      # @param width [Integer] columns
      def initialize(rows, indent:, width:)
        @rows = rows.map { |name, text| [name.to_s, text.to_s] }
        @indent = indent
        @width = width
        @names = @rows.map { |name, _| name.size }.max.to_i
      end

      # @return [Array<String>]
      def lines
        lines = @rows.flat_map { |name, text| room >= LEAST ? beside(name, text) : below(name, text) }
        lines.map { |line| "#{" " * @indent}#{line}".rstrip }
      end

      private

      def room
        @width - @indent - @names - 2
      end

      def beside(name, text)
        first, *others = Table.fold(text, room)
        ["#{name.ljust(@names)}  #{first}", *others.map { |line| "#{" " * (@names + 2)}#{line}" }]
      end

      def below(name, text)
        inner = Table.fold(text, @width - @indent - BELOW).map { |line| "#{" " * BELOW}#{line}" }
        [*folded_name(name), *inner]
      end

      # Keeps the name's own indentation, which distinguishes options with and without a short form.
      def folded_name(name)
        own = name[/\A */]
        Table.fold(name, @width - @indent - own.size).map { |line| "#{own}#{line}" }
      end
    end
    private_constant :Table
  end
end
