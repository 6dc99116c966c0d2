# frozen_string_literal: true

require_relative "changes/change"
require_relative "patches/patched_copy"

# Makes each change of spec/changes/ in a copy of the checkout, and sees that its spec passes and that it touches no
# more files than it says.
class Changes
  def initialize(changes)
    @changes = changes
  end

  def check
    abort "There is no such change" if @changes.empty?
    @copy = PatchedCopy.new
    @copy.complain("the checkout does not compile") { @copy.libraries? || @copy.prepare }
    results = @changes.map do |change|
      outcome(change).tap { |result| puts line(change, result) }
    end
    $stdout.flush # so that the lines come before the verdict
    bad = results.count { |result| result != :passed }
    abort "#{bad} of #{results.size} changes are not as they say" if bad.positive?
  end

  private

  def outcome(change)
    return :"too many files" if change.touched.size > change.allowed

    @copy.with(change) { @copy.specs([change.spec]) }.tap { |result| puts @copy.output unless result == :passed }
  end

  def line(change, result)
    files = "#{change.touched.size} of #{change.allowed} files"
    "#{result.to_s.ljust(15)} #{files.ljust(15)} #{change.name}: #{change.title}"
  end
end

desc "Make changes of the usual kinds in a copy of the code, and count their files; rake changes[mysql] takes one"
task :changes, [:name] do |_task, given|
  Changes.new(Change.all(*given.name)).check
end
