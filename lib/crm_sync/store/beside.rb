# frozen_string_literal: true

module CrmSync
  # Finds the models of our tables. A sync whose model has a database of its own (+connects_to+) uses the tables in that
  # database, because the rows that belong to a write must be in its transaction. The tables also follow that model
  # where +connected_to+ switches it to another shard or role.
  module Beside
    # All of our tables, as the migration names them.
    TABLES = %w[crm_sync_states crm_sync_outbox crm_sync_runs crm_sync_changes].freeze
    MAKING = Monitor.new
    private_constant :TABLES, :MAKING

    # @param model [Class, nil] a model of the app; +nil+ for the main database
    # @return [Class] the model of our table in the database of that model
    def beside(model)
      return self if model.nil? || place == Beside.place(model)

      place = Beside.place(model)
      rows = MAKING.synchronize do
        (@beside ||= {})[place] ||= Class.new(self).tap { |made| made.settle(model, place) }
      end
      rows.tap { rows.follow(Beside.switch(model)) }
    end

    # @return [String] the expression that returns this model in a console
    def spelling
      @beside_model ? "#{name}.beside(#{@beside_model})" : name
    end

    # @return [Boolean] whether the migration has been run in the database of this model
    def there?
      Database.lease(self) do
        connection = Database.connection(self)
        Database.once([:tables, connection]) { Database.for(connection).tables(Beside.tables) }.include?(table_name)
      end
    end

    # @return [Symbol] the shard in use, as Rails defines it
    def current_shard = @switch ? @switch.current_shard : super

    # @return [Symbol] the role in use, as Rails defines it
    def current_role = @switch ? @switch.current_role : super

    # @param name [String] as the migration names it
    # @return [String] the name of the table in the database, to which migrations add the prefix and suffix of the app
    def self.table(name)
      "#{ActiveRecord::Base.table_name_prefix}#{name}#{ActiveRecord::Base.table_name_suffix}"
    end

    # @return [Array<String>] the names of all of our tables
    def self.tables = TABLES.map { |name| table(name) }

    # @return [Array(String, String)] what determines the connection of a model: a specification, and the class that
    #   {.switch} returns
    def self.place(model) = [model.connection_specification_name, switch(model).name]

    # @return [Class] the class whose +connected_to+ a model follows, in addition to that of ActiveRecord::Base
    def self.switch(model)
      model = model.superclass until model == ActiveRecord::Base || model.connection_class?
      model
    end

    # @param model [Class, nil]
    # @return [String] the commands that create our tables in the model's database
    def self.commands(model)
      main = model.nil? || model.connection_specification_name == ActiveRecord::Base.connection_specification_name
      database = " --database #{model.connection_db_config.name}" unless main
      "rails generate crm_sync:install#{database} && rails db:migrate"
    end

    protected

    # Switches this model to another database.
    def settle(model, place)
      self.connection_specification_name = model.connection_specification_name
      @place = place
      @beside_model = model.name
      define_singleton_method(:name) { superclass.name }
    end

    # Follows the +connected_to+ of a class of the app. That class is a different object after Rails has reloaded the
    # app's code.
    def follow(switch)
      @switch = switch
    end

    private

    def place = @place || Beside.place(self)
  end
  private_constant :Beside
end
