# frozen_string_literal: true

# Watches what the native library does with memory, by hand: both tasks take minutes.
namespace :memory do
  entries = %w[address_index comparison query organization_writing]
  script = ->(code) { ["-Ilib", "-r./spec/support/native_entries", "-rcrm_sync", "-rcrm_sync/testing", "-e", code] }

  desc "Look for invalid reads and writes with valgrind, over four ways into the native library"
  task :valgrind do
    code = "NativeEntries.with_simulators { ARGV.each { |name| NativeEntries.use(name) } }"
    # Ruby looks for references in memory that nobody has set, so those reads say nothing.
    options = ["--undef-value-errors=no", "--leak-check=no", "--error-exitcode=9", "--num-callers=40",
               "--max-stackframe=16777216"]
    sh "valgrind", *options, RbConfig.ruby, *script.call(code), *entries
  end

  desc "Use four ways into the native library 2,000 times, and tell the resident memory (MiB) after each 200"
  task :growth do
    code = <<~RUBY
      resident = -> { GC.start; File.read("/proc/self/status")[/^VmRSS:\\s+(\\d+)/, 1].to_i / 1024 }
      # The simulator keeps what it was asked, so it is somewhere else.
      url, write = IO.pipe
      simulator = fork { NativeEntries.with_simulators { write.puts(CrmSync::Salesforce.settings(:default).host) || sleep } }
      CrmSync.configure do |config|
        config.salesforce.host = url.gets.chomp
        config.salesforce.client_id = config.salesforce.client_secret = "simulator"
        config.salesforce.session_store = :memory
      end
      10.times do |round|
        200.times { ARGV.each { |name| NativeEntries.use(name) } }
        puts "\#{(round + 1) * 200}: \#{resident.call}"
      end
      Process.kill(:TERM, simulator)
    RUBY
    sh RbConfig.ruby, *script.call(code), "address_index", "comparison", "query", "retrieve"
  end
end
