# frozen_string_literal: true

require "rails/generators"
require "rails/generators/active_record/migration"
require "crm_sync/store/database"

module CrmSync
  # The generators that Rails apps load automatically.
  module Generators
    # `rails generate crm_sync:install` writes an initializer, a migration, and a sync, either empty or from a recipe.
    # Existing files stay as they are, so that the generator can be run again.
    class InstallGenerator < Rails::Generators::Base
      include ActiveRecord::Generators::Migration

      # The path of the sync that each recipe writes.
      RECIPES = {
        "empty" => "app/syncs/user_sync.rb",
        "devise" => "app/syncs/customer_sync.rb",
        "discourse" => "app/syncs/forum_sync.rb",
        "gitlab_partners" => "app/routines/partner_sync.rb",
        "openstax_accounts" => "app/routines/update_user_salesforce_info.rb",
        "openstax_accounts_today" => "app/routines/update_user_contact_info.rb"
      }.freeze

      source_root File.expand_path("templates", __dir__)
      desc "Writes an initializer, a migration and a sync. Existing files stay as they are."
      class_option :database, type: :string, aliases: %i[--db],
                              desc: "The database of the synced model, where it is not the main one"
      class_option :recipe, type: :string, default: "empty", enum: RECIPES.keys, desc: "What the sync declares"

      # Makes failures end with an exit code other than 0. Rails would end with success, and a script would go on.
      # @api private
      # @return [Boolean]
      def self.exit_on_failure?
        true
      end

      # Checks the database before any file is written.
      # @return [void]
      # @raise [Thor::Error] when the database is neither PostgreSQL nor SQLite, or is not in the configuration
      def check_database
        name = options[:database]
        problem = Database.problem((name ? named_database(name) : ActiveRecord::Base.connection_db_config).adapter)
        raise Thor::Error, problem if problem
      rescue ActiveRecord::AdapterNotSpecified
        nil # an app without a database keeps its state in a folder
      end

      # @return [void]
      def initializer
        copy_file "initializer.rb.tt", "config/initializers/crm_sync.rb", skip: true
      end

      # @return [void]
      def migration
        name = "create_crm_sync_tables.rb"
        migration_template "#{name}.tt", File.join(db_migrate_path, name), skip: true
      end

      # @return [void]
      def sync
        copy_file "#{options[:recipe]}.rb.tt", path, skip: true
      end

      # @return [void]
      def next_steps
        sync = File.basename(path, ".rb").camelize
        say <<~TEXT

          Next: #{first_step}, run `rails db:migrate`, and
          set hosts and credentials in config/initializers/crm_sync.rb. What is still missing, and then what a run
          would change, is shown in `rails console` by these two, which write nothing:

            puts #{sync}.doctor
            puts #{sync}.plan
        TEXT
      end

      private

      # Returns the configuration of a database. Refuses a second database without +migrations_paths+, because Rails
      # would put its migration among those of the first database.
      def named_database(name)
        known = ActiveRecord::Base.configurations.configs_for(env_name: Rails.env)
        config = known.find { |database| database.name == name }
        return config if config && (config == known.first || config.migrations_paths)

        names = known.map(&:name).join(", ")
        problem = config ? "has no migrations_paths for it" : "has no such database; there are #{names}"
        raise Thor::Error, "--database #{name}: config/database.yml #{problem}"
      end

      def path
        RECIPES.fetch(options[:recipe])
      end

      # Returns the step without which the sync cannot be loaded, or lacks columns.
      def first_step
        return "put the alliance account's id into ALLIANCE_ACCOUNT_ID" if options[:recipe] == "gitlab_partners"

        "complete #{path}, whose comments say what your app needs"
      end
    end
  end
end
