# frozen_string_literal: true

require "json"
require "time"
require "tmpdir"
require_relative "calls"
require_relative "comparison"
require_relative "edits"
require_relative "tables"

module Bench
  module OpenstaxDay
    # A day of runs in one process of the app, and the same in one run of another, on a copy of the database as it was
    # when the day began.
    class Day
      # Seconds from one run to the next.
      EVERY = 300

      # What came of a day: for each run what it said and cost, with its +calls+ by kind; what a plan over everything
      # says after the last of them; what the one run said; and how the databases differ.
      Result = Struct.new(:runs, :plan, :at_once, :differences) do
        # @return [Hash{Symbol => Integer}] the calls of the day by kind
        def calls = sum(:calls)

        # @param name [Symbol] a Hash of numbers that each run has
        # @return [Hash{Symbol => Integer}]
        def sum(name) = runs.map { |run| run[name] }.reduce({}) { |all, some| all.merge(some) { |_, *both| both.sum } }
      end

      # @param world [World]
      # @yieldparam run [Hash] what a run said and cost, with its +number+
      def initialize(world, &told)
        @world = world
        @told = told
      end

      # @return [Result]
      def call
        @urls = [database, database]
        with_child("org.rb", @world.contacts, @world.users, @world.runs, @world.gone) do |org|
          @org = org
          @salesforce = org.gets.strip
          runs, plan = with_app(@urls.first) { |app| [day(app), ask(app, [evening, true])] }
          at_once = with_app(@urls.last) { |app| ask(app, [evening, false]) }
          Result.new(runs, plan, at_once, connected { |connections| Comparison.new(connections).differences })
        end
      end

      private

      def database
        Postgres.create_database.tap { |url| Data.connect(url) { |connection| Tables.new(@world).make(connection) } }
      end

      def day(app)
        edits = Edits.new(@world)
        (0...@world.runs).map do |number|
          happens(edits.before(number)) if number.positive?
          run = { number:, **ask(app, [time(number), false]) }
          run[:calls] = ask(@org, [0, [], {}])
          @told&.call(run)
          run
        end
      end

      def happens(edit)
        ask(@org, [EVERY, edit.created, edit.changed])
        connected { |connections| connections.product(edit.app) { |connection, sql| connection.exec(sql) } }
      end

      def evening = time(@world.runs)

      def time(number) = (@world.start + (number * EVERY)).iso8601

      def with_app(url)
        environment = { "DATABASE_URL" => url, "CRM_SYNC_SALESFORCE_HOST" => @salesforce,
                        "CRM_SYNC_SALESFORCE_CLIENT_ID" => "x", "CRM_SYNC_SALESFORCE_CLIENT_SECRET" => "x" }
        Dir.mktmpdir do |folder|
          with_child("app.rb", env: { **environment, "CRM_SYNC_STATE_DIR" => folder }) do |app|
            app.gets
            yield app
          end
        end
      end

      def with_child(script, *arguments, env: {}, &block)
        IO.popen([env, RbConfig.ruby, File.join(__dir__, script), *arguments.map(&:to_s)], "r+", &block)
      end

      def ask(child, question)
        child.puts(JSON.generate(question))
        JSON.parse(child.gets || raise("a process of the day has failed"), symbolize_names: true)
      end

      def connected
        Data.connect(@urls.first) { |first| Data.connect(@urls.last) { |second| yield [first, second] } }
      end
    end
  end
end
