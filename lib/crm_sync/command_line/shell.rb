# frozen_string_literal: true

require "io/console"
require "thor"
require_relative "bar"
require_relative "stream"
require_relative "table"

module CrmSync
  module CommandLine
    # Thor's shell, over streams that are safe to write to. The result of a command goes to stdout, everything else to
    # stderr.
    class Shell < Thor::Shell::Basic
      # The number of columns if neither the environment nor the terminal says it.
      WIDTH = 80
      private_constant :WIDTH

      # @return [Bar] the progress bar, on stderr
      attr_reader :bar

      def initialize
        super
        @stdout = Stream.new($stdout)
        @stderr = Stream.new($stderr)
        @bar = Bar.new($stderr)
      end

      # Writes a line to stderr.
      # @param text [String]
      def error(text)
        bar.clear
        super
      end

      # Prints a table of names and descriptions, such as the commands and the options.
      # @param rows [Array<Array(String, String)>]
      # @param options [Hash] Thor's
      def print_table(rows, options = {})
        Table.new(rows, indent: options[:indent].to_i, width: terminal_width).lines.each { |line| say(line) }
      end

      # Prints the long description of a command.
      # @param message [String] paragraphs
      # @param options [Hash] Thor's
      def print_wrapped(message, options = {})
        indent = " " * options[:indent].to_i
        paragraphs = message.split("\n\n").map do |paragraph|
          Table.fold(paragraph.squish, terminal_width - indent.size).map { |line| "#{indent}#{line}" }.join("\n")
        end
        say(paragraphs.join("\n\n"))
      end

      # @return [Integer] the number of columns, as the environment or the terminal says
      def terminal_width
        given = Integer(ENV.fetch("COLUMNS", ""), exception: false)
        return given if given&.positive?

        columns = $stdout.tty? ? $stdout.winsize.last : 0
        columns.positive? ? columns : WIDTH
      end

      protected

      attr_reader :stdout, :stderr
    end
    private_constant :Shell
  end
end
