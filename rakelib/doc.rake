# frozen_string_literal: true

require "open3"

desc "Documentation: everything public has some, and YARD has no complaint"
task :doc do
  step "yard"
  report, = Open3.capture2e("bundle", "exec", "yard", "stats", "--list-undoc", "--no-cache")
  puts report
  abort "Something public is undocumented, or YARD complains" if report =~ /^\[(warn|error)\]|^Undocumented Objects/
end
