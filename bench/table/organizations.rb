# frozen_string_literal: true

require "tmpdir"
require_relative "../measured"
require_relative "../organization_files"

module Bench
  # The row of the organizations' compare, each way as a process with all that it loads.
  class Organizations
    def title(options)
      "organizations, #{rows(options)} rows a side, the whole process"
    end

    def with(options)
      Dir.mktmpdir do |folder|
        files = OrganizationFiles.new(folder, rows(options))
        # Ours first, to which the others are compared.
        yield files.ways.to_a.reverse.to_h.transform_values { |command| -> { measure(files, command) } }
      end
    end

    private

    def rows(options) = (100_000 * options[:scale]).to_i

    def measure(files, command)
      files.run(command).then { |result| { wall: result[:process], memory: result[:peak] / 1024.0 } }
    end
  end
end
