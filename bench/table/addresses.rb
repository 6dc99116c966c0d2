# frozen_string_literal: true

require_relative "../measured"

module Bench
  # The rows of EmailIndex, beside a plain Hash.
  class Addresses
    WAYS = { "EmailIndex, all at once" => "all", "EmailIndex, one by one" => "one",
             "a Hash, strip and downcase" => "hash" }.freeze
    private_constant :WAYS

    # @param figure [Symbol] +:added+ or +:looked_up+
    def initialize(figure)
      @figure = figure
    end

    def title(options)
      asked, known = sizes(options)
      @figure == :added ? "addresses, #{known} added" : "addresses, #{asked} looked up among #{known}"
    end

    def with(options)
      yield WAYS.transform_values { |way| -> { measure(way, options) } }
    end

    private

    def measure(way, options)
      { wall: Measured.child("email_index_child.rb", way, *sizes(options))[@figure] }
    end

    def sizes(options) = [1_000_000, 200_000].map { |size| (size * options[:scale]).to_i }
  end
end
