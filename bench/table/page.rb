# frozen_string_literal: true

require "open3"

module Bench
  # The row of a page of Salesforce: 2,000 contacts of twenty fields, taken into columns. It is measured in the core.
  class Page
    WAYS = { "into columns" => "json_into_table", "JSON alone" => "json_alone" }.freeze
    UNITS = { "ns" => 1e-9, "µs" => 1e-6, "ms" => 1e-3, "s" => 1.0 }.freeze
    private_constant :WAYS, :UNITS

    def title(_options) = "a page, 2000 contacts of twenty fields"

    def with(_options)
      yield WAYS.transform_values { |name| -> { { wall: median(name) } } }
    end

    private

    # The median is the third figure of a line of Divan's.
    def median(name)
      out, status = Open3.capture2("cargo", "bench", "--quiet", "--bench", "reading", "--", name)
      abort "cargo bench failed" unless status.success?
      number, unit = out.lines.grep(/ #{name} /).first.scan(/([\d.]+) (ns|µs|ms|s)\b/)[2]
      Float(number) * UNITS.fetch(unit)
    end
  end
end
