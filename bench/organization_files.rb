# frozen_string_literal: true

require "digest"
require "json"
require "open3"

module Bench
  # The two files of gathered accounts and organizations, and the ways to compare them: a plain Ruby script, Polars
  # (where Python has it), and ours, by itself and as the stage of a Ruby process. 3 % differ, 1 % is missing on each
  # side.
  class OrganizationFiles
    PYTHON = ENV.fetch("PYTHON", "python3")
    EXAMPLE = %w[cargo run --quiet --release -p crm_sync --example organizations --].freeze
    NAMES = %w[salesforce_accounts.json zendesk_orgs.json].freeze
    private_constant :PYTHON, :EXAMPLE, :NAMES

    # Makes the files.
    def initialize(folder, rows)
      @folder = folder
      @rows = rows
      system(*EXAMPLE, "make", folder, rows.to_s, exception: true)
      @digests = NAMES.map { |name| Digest::SHA256.file("#{folder}/#{name}").hexdigest }
    end

    # @return [Array<Integer>] in MB
    def sizes
      NAMES.map { |name| File.size("#{@folder}/#{name}") / 1_000_000 }
    end

    # @return [Hash{String => Array<String>}] the commands by their titles, ours last
    def ways
      metadata = JSON.parse(`cargo metadata --format-version 1 --no-deps`)
      example = File.join(metadata["target_directory"], "release/examples/organizations")
      {
        "plain Ruby" => [RbConfig.ruby, script("organizations_plain.rb"), @folder],
        "Polars" => ([PYTHON, script("organizations_polars.py"), @folder] if polars?),
        "ours, in Rust" => [example, "compare", @folder],
        "ours, the stage in Ruby" => [RbConfig.ruby, script("organizations_child.rb"), @folder,
                                      (@rows * 99 / 100).to_s, JSON.generate(@digests)]
      }.compact
    end

    # @return [Hash{Symbol => Object}] what a command prints, and the seconds of its whole +process+
    def run(command)
      started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      out, status = Open3.capture2(*command)
      abort "#{command.first(2).join(" ")} failed" unless status.success?
      process = Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
      { **JSON.parse(out.lines.last, symbolize_names: true), process: }
    end

    private

    def script(name) = File.join(__dir__, name)

    def polars?
      system(PYTHON, "-c", "import polars", out: File::NULL, err: File::NULL)
    end
  end
end
