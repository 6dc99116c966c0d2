# frozen_string_literal: true

require "rails_helper"
require_relative "../../rakelib/directions/ruby_constants"

# `require "crm_sync"` loads what every app needs; the rest comes with the constant that is first named.
RSpec.describe "Loading" do
  lib = File.join(Leftovers::CHECKOUT, "lib")

  define_method(:ruby) do |code, *options|
    result = run_command(RbConfig.ruby, "-I#{lib}", *options, "-e", code, chdir: scratch)
    raise result.stderr unless result.stderr.empty? && result.success?

    result.stdout.lines(chomp: true)
  end

  # The files of lib/crm_sync/ that a process has loaded after the code.
  define_method(:loaded) do |code|
    prefix = "#{lib}/crm_sync/"
    ruby(%(require "crm_sync"; #{code}; puts $LOADED_FEATURES))
      .select { |path| path.start_with?(prefix) }.map { |path| path.delete_prefix(prefix) }
  end

  entries = { "nothing" => "", "addresses" => "CrmSync::EmailIndex.new", "diff" => "CrmSync::Diff",
              "clients" => "CrmSync::Salesforce::Client; CrmSync::Zendesk::Client",
              "an organization sync" => "CrmSync::OrganizationSync", "a contact sync" => "CrmSync::ContactSync" }
  # Files whose constants are loaded with the module that they stand in.
  with_their_module = %r{\A(configuration/|salesforce/(soql|session_cache)|sync/(dsl|running)\.)}

  it "brings what is named, and all files that those name" do
    named = RubyConstants.new(File.join(lib, "crm_sync"), "CrmSync").to_h
    lazy = [*CrmSync::LAZY.values.flatten, *CrmSync::ROWS.keys].map { |name| "#{name.to_s.underscore}.rb" }
    files = entries.transform_values { |code| loaded(code) }
    files.each do |entry, there|
      needed = there.flat_map { |file| named.fetch(file, []) }.uniq - there - lazy - %w[contacts organizations]
      needed.reject! { |file| file.match?(with_their_module) || lazy.include?(File.basename(file)) }
      expect(needed).to eq([]), "#{entry}: #{needed}"
    end
    expect(files["nothing"].size).to be < 20
    expect(files["clients"]).not_to include(match(%r{\A(plan|contacts|organizations)[/.]}))
    expect(files["an organization sync"]).not_to include(match(%r{\Acontacts/}))
    expect(files["a contact sync"]).not_to include(match(%r{\Aorganizations/}))
  end

  it "requires no file that is loaded by its constants" do
    files = CrmSync::LAZY.keys.map { |file| "#{lib}/crm_sync/#{file}" }
    required = Dir["#{lib}/**/*.rb"].flat_map do |path|
      named = File.read(path).scan(/^\s*require_relative "(.*)"/).flatten
      named.map { |file| File.expand_path(file, File.dirname(path)) }
    end
    expect(required & files).to eq([])
  end

  it "brings Active Record with a contact sync only" do
    asked = "defined?(ActiveRecord::Base).inspect"
    expect(ruby(%(require "crm_sync"; CrmSync::OrganizationSync; puts #{asked}; CrmSync::ContactSync; puts #{asked})))
      .to eq(["nil", '"constant"'])
  end

  it "brings OpenSSL where there is a secret to sign plans with only" do
    code = <<~RUBY
      require "crm_sync"
      CrmSync::OrganizationSync
      signature = CrmSync.const_get(:Signature)
      puts [signature.of("text").keys, defined?(OpenSSL)].inspect
      CrmSync.configure { |config| config.plan_secret = "a secret that nobody can guess" }
      puts [signature.of("text").keys, defined?(OpenSSL)].inspect
    RUBY
    expect(ruby(code)).to eq(['[["sha256"], nil]', '[["sha256", "signature"], "constant"]'])
  end

  it "hides what the classes of each file hold" do
    code = <<~RUBY
      require "crm_sync"
      %w[EmailIndex Diff Configuration Plan Salesforce Zendesk OrganizationSync ContactSync].each do |name|
        CrmSync.const_get(name)
        ours = ObjectSpace.each_object(Class).select { |found| found.name.to_s.start_with?("CrmSync::") }
        bare = ours.reject { |found| found <= Exception || found.include?(CrmSync.const_get(:Confidential)) }
        puts bare
      end
    RUBY
    expect(ruby(code)).to eq([])
  end

  it "is done at boot by an app that loads eagerly" do
    code = <<~RUBY
      require "rails"
      require "active_record"
      require "crm_sync"
      puts CrmSync.const_get(:Railtie).config.eager_load_namespaces.include?(CrmSync)
      CrmSync.eager_load!
      puts $LOADED_FEATURES
    RUBY
    told, *there = ruby(code)
    expect(told).to eq("true")
    all = Dir["#{lib}/crm_sync/**/*.rb"].grep_v(%r{/crm_sync/(testing|command_line)(/|\.rb)|/railtie\.rb})
    expect(all - there).to eq([])
  end

  it "warns of nothing" do
    code = <<~RUBY
      require "crm_sync"
      CrmSync.eager_load!
      require "crm_sync/testing"
      ARGV.replace(["version"])
      load File.join("#{Leftovers::CHECKOUT}", "exe/crm_sync")
    RUBY
    [{ "LC_ALL" => "C" }, { "LC_ALL" => "C.UTF-8" }].each do |locale|
      result = run_command(RbConfig.ruby, "-I#{lib}", "-w", "-W:deprecated", "-e", code, chdir: scratch, env: locale)
      expect(result.stderr.lines.grep(/#{Regexp.escape(Leftovers::CHECKOUT)}/)).to eq([])
      expect(result.stdout).to eq("#{CrmSync::VERSION}\n")
    end
  end

  # Rails' extensions are not there, or are, and warn of `to_time` in Rails 7.1 to 8.0.
  { "without Rails' times" => "date", "with them" => "active_support/time" }.each do |beside, file|
    it "brings what moments need, #{beside}" do
      code = <<~RUBY
        require "crm_sync"
        require "#{file}"
        CrmSync::Salesforce
        right = [{ "id" => 1, "at" => "2022-02-23T23:02:03Z" }]
        now = Time.new(2022, 2, 24, 1, 2, 3, "+02:00")
        [now, now.to_datetime].each do |at|
          puts CrmSync.diff([{ "id" => 1, "at" => at }], right, key: "id", fields: %w[at]).equal
          puts CrmSync::Salesforce::Soql.bind("At = :at", at:), CrmSync.const_get(:Outbound).json("At" => at)
        end
      RUBY
      expect(ruby(code)).to eq(["1", "At = 2022-02-23T23:02:03.000Z", '{"At":"2022-02-23T23:02:03.000Z"}'] * 2)
    end
  end

  it "can be done by many threads at once" do
    code = <<~RUBY
      require "crm_sync"
      names = CrmSync.const_get(:LAZY).values.flatten
      found = Array.new(60) do
        Thread.new { sleep(rand * 0.05).then { CrmSync.const_get(names.sample) } }
      end
      puts found.map(&:value).all?(Module)
    RUBY
    expect(Array.new(3) { ruby(code) }.flatten).to eq(%w[true true true])
  end

  it "has one configuration for threads that ask for it first at once" do
    code = <<~RUBY
      require "crm_sync"
      all = Queue.new
      threads = Array.new(20) { Thread.new { all.pop.then { CrmSync.configuration } } }
      Thread.pass until all.num_waiting == 20
      20.times { all << true }
      puts threads.map(&:value).uniq.size
    RUBY
    expect(ruby(code)).to eq(["1"])
  end

  it "brings neither syncs nor Active Record with a command that shows what there is" do
    %w[version help].each do |command|
      code = <<~RUBY
        $stdout = File.open(File::NULL, "w")
        require "crm_sync/command_line"
        CrmSync.const_get(:CommandLine).start(["#{command}"])
        STDOUT.puts $LOADED_FEATURES
      RUBY
      there = ruby(code)
      expect(there).not_to include(match(%r{lib/crm_sync/(plan|sync|contact_sync|organization_sync)\.rb\z}))
      expect(there).not_to include(match(%r{/active_record\.rb\z}))
    end
  end
end
