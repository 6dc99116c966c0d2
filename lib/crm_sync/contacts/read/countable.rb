# frozen_string_literal: true

module CrmSync
  module Contacts
    # Tells whether the database can count users for the budgets as the core does. The database compares what is stored,
    # and does not know what a type of the model makes of that, such as of an encrypted text.
    class Countable
      TYPES = %i[integer boolean enum date decimal float].freeze
      TEXTS = %i[string text citext].freeze
      # The types of Active Record and Active Model that return a text as it is in the database. The types that encrypt
      # texts inherit from some of them.
      PLAIN = %w[ActiveModel::Type::String ActiveModel::Type::ImmutableString ActiveRecord::Type::Text
                 ActiveRecord::ConnectionAdapters::PostgreSQL::OID::SpecializedString].freeze
      RAILS = %w[ActiveModel:: ActiveRecord::].freeze
      private_constant :TYPES, :TEXTS, :PLAIN, :RAILS

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @return [Boolean] whether the database can count by all written columns
      def all?
        @schema.columns.all? { |name| !list?(name) && (plain?(name) || text?(name)) }
      end

      # @param name [Symbol] the name of a column
      # @return [Boolean] whether the column holds texts that are the same in the database and in the model
      def text?(name)
        TEXTS.include?(stored(name).type) && (enum?(name) || PLAIN.include?(@schema.type(name).class.name))
      end

      private

      # Returns whether the column has a type that is not a text type and that is one of Rails' own: a type of the
      # host's may treat NULL as a value, or two values as one.
      def plain?(name)
        TYPES.include?(stored(name).type) && @schema.type(name).class.name.to_s.start_with?(*RAILS)
      end

      def list?(name) = stored(name).try(:array)

      def enum?(name) = @schema.model.defined_enums.key?(name.to_s)

      def stored(name) = @schema.column(name)
    end
    private_constant :Countable
  end
end
