# frozen_string_literal: true

module CrmSync
  # Finds the models of our tables: a sync whose model has a database of its own (+connects_to+) uses the tables in
  # there, because what belongs to a write is to be in its transaction.
  module Beside
    # All of our tables.
    TABLES = %w[crm_sync_states crm_sync_outbox crm_sync_runs crm_sync_changes].freeze
    private_constant :TABLES

    # @param model [Class, nil] a model of the app, or +nil+ for the main database
    # @return [Class] the model of our table in that model's database
    def beside(model)
      place = model&.connection_specification_name || connection_specification_name
      return self if place == connection_specification_name

      @beside ||= {}
      @beside[place] ||= Class.new(self).tap { |rows| rows.settle(place, model) }
    end

    # @return [String] the code to type in a console to have it
    def spelling
      @beside_model ? "#{name}.beside(#{@beside_model})" : name
    end

    # @return [Boolean] whether the migration has been run in its database
    def there?
      Database.once([:tables, connection]) { Database.for(connection).tables(TABLES) }.include?(table_name)
    end

    # Uses another database. For a class that {#beside} has made.
    def settle(place, model)
      self.connection_specification_name = place
      @beside_model = model.name
      define_singleton_method(:name) { superclass.name }
    end

    # @param model [Class, nil]
    # @return [String] the commands that make our tables in the model's database
    def self.commands(model)
      main = model.nil? || model.connection_specification_name == ActiveRecord::Base.connection_specification_name
      database = " --database #{model.connection_db_config.name}" unless main
      "rails generate crm_sync:install#{database} && rails db:migrate"
    end
  end
  private_constant :Beside
end
