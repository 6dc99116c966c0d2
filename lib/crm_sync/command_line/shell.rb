# frozen_string_literal: true

require "thor"
require_relative "bar"
require_relative "stream"

module CrmSync
  module CommandLine
    # Thor's shell, over streams that are safe to write to: the answer of a command goes to stdout, and all that is said
    # on the way to stderr.
    # @api private
    class Shell < Thor::Shell::Basic
      # @return [Bar] the progress bar, on stderr
      attr_reader :bar

      def initialize
        super
        @stdout = Stream.new($stdout)
        @stderr = Stream.new($stderr)
        @bar = Bar.new($stderr)
      end

      # A line on stderr.
      # @param text [String]
      def error(text)
        bar.clear
        super
      end

      protected

      attr_reader :stdout, :stderr
    end
  end
end
