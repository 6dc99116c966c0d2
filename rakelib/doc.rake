# frozen_string_literal: true

desc "Documentation: everything public has some, and YARD has no complaint"
task :doc do
  step("yard") do |yard|
    report = yard.sh("bundle", "exec", "yard", "stats", "--list-undoc", "--no-cache")
    raise "Something public is undocumented, or YARD complains" if report =~ /^\[(warn|error)\]|^Undocumented Objects/
  end
end
