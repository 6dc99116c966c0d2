# frozen_string_literal: true

require "crm_sync"
require "rbconfig"
require_relative "child_process"

# Plain Ruby with this gem and its simulators in a process of its own, which may crash or hang.
module NativeChild
  ROOT = File.expand_path("../..", __dir__)
  PRELUDE = <<~RUBY.freeze
    $stdout.sync = true
    require "crm_sync"
    require "crm_sync/testing"
    require "#{__dir__}/internals"
  RUBY

  # @return [ChildProcess::Child]
  def start_native(code)
    command = [RbConfig.ruby, "-I#{ROOT}/lib", "-e", "#{PRELUDE}#{code}"]
    # A crash is not to leave a core behind.
    child = ChildProcess::Child.new(["prlimit", "--core=0", *command], env: {}, chdir: ROOT, folder: Scratch.folder)
    (@children ||= []) << child
    child
  end

  # @return [ChildProcess::Result]
  def native(code, timeout: 60)
    start_native(code).wait(timeout:)
  end

  RSpec.configure { |config| config.include self }
end
