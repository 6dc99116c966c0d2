# frozen_string_literal: true

require "json"
require "open3"

module Bench
  # What a piece of work costs a process: seconds (+wall+), seconds of its own processor time (+cpu+), and the peak of
  # its memory over its start, in MB.
  module Measured
    class << self
      # Measures the block, in this process.
      # @return [Hash{Symbol => Object}] with +said+, what the block says at its end
      def here
        GC.start
        before = memory("VmRSS")
        File.write("/proc/self/clear_refs", "5") # The peak begins anew.
        started = clocks
        said = yield.to_s
        wall, cpu = clocks.zip(started).map { |ended, began| ended - began }
        { wall:, cpu:, memory: (memory("VmHWM") - before) / 1024.0, said: }
      end

      # Runs a script of this folder, which prints what {here} gives as JSON in its last line.
      # @return [Hash{Symbol => Object}]
      def child(script, *arguments, env: {})
        command = [RbConfig.ruby, File.expand_path(script, __dir__), *arguments.map(&:to_s)]
        out, status = Open3.capture2({ "RAILS_ENV" => "development", **env }, *command)
        abort "#{[script, *arguments].join(" ")} failed" unless status.success?
        JSON.parse(out.lines.last, symbolize_names: true)
      end

      # Measures several ways in turns, so that a busy moment hits all alike.
      # @param ways [Hash{String => Proc}] each measures once
      # @param runs [Integer]
      # @return [Hash{String => Hash{Symbol => Float}}] the medians
      def in_turns(ways, runs)
        results = ways.transform_values { [] }
        runs.times { ways.each { |title, way| results[title] << way.call } }
        results.transform_values do |all|
          %i[wall cpu memory].to_h { |figure| [figure, median(all.filter_map { |one| one[figure] })] }
        end
      end

      def median(values)
        values.sort[values.size / 2]
      end

      private

      def clocks
        [Process::CLOCK_MONOTONIC, Process::CLOCK_PROCESS_CPUTIME_ID].map { |clock| Process.clock_gettime(clock) }
      end

      def memory(kind)
        File.read("/proc/self/status")[/#{kind}:\s+(\d+)/, 1].to_i
      end
    end
  end
end
