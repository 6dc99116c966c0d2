# frozen_string_literal: true

require "shellwords"
require_relative "patches/patch"
require_relative "patches/patched_copy"

# Puts the worst mistakes of the old routine back into our code, one at a time, and sees that the specs notice.
#
# A mutation is a patch in spec/mutations/. The lines in front of it say what it does, and in the line "Caught by:" with
# which arguments RSpec is to fail.
class Mutations
  # A patch, and the arguments with which RSpec fails.
  class Mutation < Patch
    def specs
      said("Caught by").shellsplit
    end

    # The number by which ONLY names it goes first.
    def title
      "#{name[0, 2]} #{super}"
    end
  end

  def initialize(paths)
    @mutations = paths.map { |path| Mutation.new(path) }
  end

  def check
    abort "There are no such mutations" if @mutations.empty?
    @copy = PatchedCopy.new
    files = @mutations.flat_map(&:specs).grep(/_spec\.rb/).uniq
    @copy.complain("the specs do not pass without a mutation either") do
      @copy.prepare && @copy.specs(files) == :passed
    end
    results = @mutations.map do |mutation|
      outcome(mutation).tap { |result| tell(mutation, result) }
    end
    unwanted = results.count { |result| result != :caught }
    $stdout.flush # so that the lines come before the verdict
    abort "#{unwanted} of #{results.size} mutations were not caught" if unwanted.positive?
  end

  private

  # Shows what was said as well, unless all is well: a spec may have been renamed, or a patch may not apply any more.
  def tell(mutation, result)
    puts "#{result.to_s.ljust(15)} #{mutation.title}"
    puts @copy.output unless result == :caught
  end

  def outcome(mutation)
    return :"names no spec" if mutation.specs.empty?

    @copy.with(mutation) { { passed: :SURVIVED, failed: :caught }.fetch(@copy.specs(mutation.specs), :broken) }
  end
end

desc "Put known mistakes into a copy of the code, one by one, and see that specs fail; ONLY=05 takes just that one"
task :mutations do
  Mutations.new(Dir["spec/mutations/#{ENV.fetch("ONLY", "")}*.patch"]).check
end
