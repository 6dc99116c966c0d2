# frozen_string_literal: true

module CrmSync
  # Finds the models of our tables: a sync whose model has a database of its own (+connects_to+) uses the tables in
  # there, because what belongs to a write is to be in its transaction. So do they go where +connected_to+ leads that
  # model: to another shard, or in another role.
  module Beside
    # All of our tables.
    TABLES = %w[crm_sync_states crm_sync_outbox crm_sync_runs crm_sync_changes].freeze
    private_constant :TABLES

    # @param model [Class, nil] a model of the app, or +nil+ for the main database
    # @return [Class] the model of our table in that model's database
    def beside(model)
      return self if model.nil? || place == Beside.place(model)

      @beside ||= {}
      rows = @beside[Beside.place(model)] ||= Class.new(self).tap { |made| made.settle(model) }
      rows.tap { rows.follow(Beside.switch(model)) }
    end

    # @return [String] the code to type in a console to have it
    def spelling
      @beside_model ? "#{name}.beside(#{@beside_model})" : name
    end

    # @return [Boolean] whether the migration has been run in its database
    def there?
      Database.once([:tables, connection]) { Database.for(connection).tables(TABLES) }.include?(table_name)
    end

    # @return [Symbol] as Rails has it
    def current_shard = @switch ? @switch.current_shard : super

    # @return [Symbol] as Rails has it
    def current_role = @switch ? @switch.current_role : super

    # Uses another database. For a class that {#beside} has made.
    def settle(model)
      self.connection_specification_name = model.connection_specification_name
      @place = Beside.place(model)
      @beside_model = model.name
      define_singleton_method(:name) { superclass.name }
    end

    # Goes where a class of the app's is led. It is another object when Rails has loaded the app's code anew.
    def follow(switch)
      @switch = switch
    end

    # @return [Array(String, String)] what decides on the connection of a model
    def self.place(model) = [model.connection_specification_name, switch(model).name]

    # @return [Class] the class whose +connected_to+ a model follows, beside that of ActiveRecord::Base
    def self.switch(model)
      model = model.superclass until model == ActiveRecord::Base || model.connection_class?
      model
    end

    # @param model [Class, nil]
    # @return [String] the commands that make our tables in the model's database
    def self.commands(model)
      main = model.nil? || model.connection_specification_name == ActiveRecord::Base.connection_specification_name
      database = " --database #{model.connection_db_config.name}" unless main
      "rails generate crm_sync:install#{database} && rails db:migrate"
    end

    private

    def place = @place || Beside.place(self)
  end
  private_constant :Beside
end
