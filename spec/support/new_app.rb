# frozen_string_literal: true

require_relative "child_process"
require_relative "leftovers"

# Apps as `rails new` makes them. The first one is made once, and copied for each example that asks.
#
#   app = NewApp.new(scratch, self, models: { "User" => "scope …" }, tables: "create_table …")
#   app.rails("generate", "crm_sync:install", "--recipe", "devise")
#   app.rails("runner", "puts CustomerSync.plan")
class NewApp
  # What an app without a page needs not, and the option that Rails has renamed since 6.1.
  ASSETS = Rails::VERSION::MAJOR < 7 ? "--skip-sprockets" : "--skip-asset-pipeline"
  OPTIONS = ["--minimal", "--skip-bundle", "--skip-git", "--skip-test", ASSETS, "--quiet"].freeze
  private_constant :ASSETS, :OPTIONS

  class << self
    # The folder of the app that is copied.
    def original(example)
      @original ||= File.join(Scratch.folder, "new_app").tap do |folder|
        run(example, Gem.bin_path("railties", "rails"), "new", folder, *OPTIONS, chdir: Scratch::ROOT)
        adapt(folder)
      end
    end

    def run(example, *command, **options)
      result = example.run_command(RbConfig.ruby, *command, timeout: 120, **options)
      raise "#{command.join(" ")} failed: #{result.stdout}#{result.stderr}" unless result.success?

      result.stdout
    end

    private

    # The bundle of the checkout instead of the app's own, which nobody has installed; in it, this gem.
    def adapt(folder)
      boot = File.join(ChildProcess::DUMMY, "config/boot")
      File.write(File.join(folder, "config/boot.rb"), "require #{boot.inspect}\n")
      edit(File.join(folder, "config/application.rb"), "Bundler.require(*Rails.groups)", 'require "crm_sync"')
    end

    def edit(path, from, to)
      text = File.read(path)
      raise "#{path} has no #{from}" unless text.include?(from)

      File.write(path, text.sub(from, to))
    end
  end

  # @param folder [String] in which the app is put
  # @param example [Object] the example that asks
  # @param tables [String] the body of a migration
  # @param models [Hash{String => String}] the bodies of classes
  def initialize(folder, example, tables:, models:)
    @example = example
    @folder = File.join(folder, "app")
    FileUtils.cp_r(self.class.original(example), @folder)
    write("db/migrate/20260101000000_create_host.rb", <<~RUBY)
      class CreateHost < ActiveRecord::Migration[6.1]
        def change
          #{tables}
        end
      end
    RUBY
    models.each do |name, body|
      write("app/models/#{name.underscore}.rb", "class #{name} < ApplicationRecord\n#{body}\nend\n")
    end
  end

  # Runs bin/rails in the app, with a database of its own.
  # @return [String] its output
  def rails(*arguments)
    env = { "DATABASE_URL" => "sqlite3:#{File.join(@folder, "db/host.sqlite3")}", "DUMMY_FOLDER" => nil }
    self.class.run(@example, "bin/rails", *arguments, chdir: @folder, env:)
  end

  private

  def write(path, text)
    FileUtils.mkdir_p(File.dirname(File.join(@folder, path)))
    File.write(File.join(@folder, path), text)
  end
end
