# frozen_string_literal: true

require "json"
require "rbconfig"
require "shellwords"
require "tmpdir"
require_relative "databases"
require_relative "scratch"

# Programs run beside the suite: the dummy app as cron and a console run it, and any other command.
module ChildProcess
  DUMMY = File.expand_path("../dummy", __dir__)

  class << self
    attr_accessor :cron_commands
  end

  Result = Struct.new(:status, :stdout, :stderr) do
    def success?
      status.success?
    end
  end

  # A program that was started. It writes into files, so that it never waits for somebody to read.
  class Child
    attr_reader :pid

    def initialize(command, env:, chdir:, folder:)
      @command = command
      @out = File.join(folder, "stdout")
      @err = File.join(folder, "stderr")
      # A group of its own, so that it can be ended together with what it started itself.
      @pid = Process.spawn(env, *command, chdir:, in: File::NULL, out: @out, err: @err, pgroup: true)
    end

    def stdout
      File.read(@out, encoding: "UTF-8")
    end

    def stderr
      File.read(@err, encoding: "UTF-8")
    end

    # To all of its group, as a terminal does.
    def signal(name)
      Process.kill(name, -pid)
    end

    # Waits until the process has written the text (a String or Regexp).
    def wait_for(text, timeout: 60)
      poll(timeout, "write #{text.inspect}") do
        ended = !running? # asked first: its last words may be the ones
        next true if "#{stdout}\n#{stderr}".match?(Regexp.union(text))

        raise failure("ended before it wrote #{text.inspect}") if ended
      end
      self
    end

    def wait(timeout: 60)
      poll(timeout, "end") { !running? }
      Result.new(@status, stdout, stderr)
    end

    def kill
      return unless running?

      signal("KILL")
      @status = Process.wait2(pid).last
    end

    private

    def running?
      @status ||= Process.wait2(pid, Process::WNOHANG)&.last
      @status.nil?
    end

    def poll(timeout, purpose)
      deadline = now + timeout
      until yield
        if now > deadline
          kill
          raise failure("did not #{purpose} within #{timeout} s")
        end
        sleep 0.01
      end
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end

    def failure(what)
      "#{@command.join(" ")}: #{what}\n--- stdout\n#{stdout}\n--- stderr\n#{stderr}"
    end
  end

  # Starts a command and comes back at once; what still runs when the example ends is killed.
  def start_command(*command, env: {}, chdir: DUMMY)
    child = Child.new(command, env: { **child_environment, **env }, chdir:, folder: Dir.mktmpdir(nil, scratch))
    (@children ||= []) << child
    child
  end

  def run_command(*command, timeout: 60, **options)
    start_command(*command, **options).wait(timeout:)
  end

  def start_rails_runner(code, **options)
    start_command(RbConfig.ruby, "bin/rails", "runner", "$stdout.sync = true; #{code}", **options)
  end

  def rails_runner(code, timeout: 60, **options)
    start_rails_runner(code, **options).wait(timeout:)
  end

  # Runs code in the dummy, and sends it the signal as soon as it has written the line.
  def interrupt_rails_runner(code, after:, signal: "INT", timeout: 60, **options)
    child = start_rails_runner(code, **options).wait_for(after, timeout:)
    child.signal(signal)
    child.wait(timeout:)
  end

  # The commands that whenever puts into the crontab for the dummy, as cron hands them to sh. They are the same each
  # time, so whenever is asked once.
  def cron_commands
    ChildProcess.cron_commands ||= crontab.lines(chomp: true).reject(&:empty?).map do |line|
      line.split(" ", 6).last.gsub('\%', "%")
    end
  end

  # Runs a command as cron does: sh, and in it the login shell that whenever asks for. The profile of whoever runs the
  # suite stays out of that; the suite has what it would have put into the environment.
  def run_cron(command, env: {}, **options)
    home = Dir.mktmpdir(nil, scratch)
    kept = ENV.to_h.slice("HOME", "PATH").map { |name, value| "export #{name}=#{value.shellescape}" }
    File.write(File.join(home, ".bash_profile"), kept.join("\n"))
    run_command("/bin/sh", "-c", command, env: { **env, "HOME" => home }, **options)
  end

  # The lines that OpenStax::RescueFrom wrote in this example's children.
  def rescue_from_log
    path = child_environment.fetch("RESCUE_FROM_LOG")
    File.exist?(path) ? File.readlines(path).map { |line| JSON.parse(line, symbolize_names: true) } : []
  end

  # The mails that this example's children sent, as text.
  def child_mail
    Dir[File.join(child_environment.fetch("MAIL_FOLDER"), "*")].map { |path| File.read(path) }.join
  end

  # The Rails log of this example's children.
  def child_log
    path = File.join(scratch, "log", "test.log")
    File.exist?(path) ? File.read(path) : ""
  end

  private

  def crontab
    script = 'puts Whenever.cron(file: "config/schedule.rb", set: ARGV.first)'
    crontab = run_command(RbConfig.ruby, *chronic, "-rwhenever", "-e", script, "environment=test&path=#{DUMMY}")
    raise "whenever failed: #{crontab.stderr}" unless crontab.success?

    crontab.stdout
  end

  def child_environment
    { "RAILS_ENV" => "test", "DATABASE_URL" => database_url, "DUMMY_FOLDER" => scratch,
      "RESCUE_FROM_LOG" => File.join(scratch, "rescue_from.jsonl"), "MAIL_FOLDER" => File.join(scratch, "mail") }
  end

  # Debian's chronic is a symbolic link, and the rest of it lies beside the link's end, where Bundler does not look.
  def chronic
    folders = Gem.loaded_specs["chronic"]&.full_require_paths || []
    links = folders.map { |folder| File.join(folder, "chronic.rb") }.select { |path| File.symlink?(path) }
    links.map { |link| "-I#{File.dirname(File.realpath(link))}" }
  end

  RSpec.configure do |config|
    config.include self
    config.after { @children&.each(&:kill) }
  end
end
