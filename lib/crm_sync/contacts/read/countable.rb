# frozen_string_literal: true

module CrmSync
  module Contacts
    # Tells whether the database can count users for the budgets as the core does: it compares what is stored, and knows
    # nothing of what a type of the model makes of that, such as of an encrypted text.
    class Countable
      TYPES = %i[integer boolean enum date decimal float].freeze
      TEXTS = %i[string text citext].freeze
      # The types of Active Record and Active Model that show a text as it is in the database. The types by which
      # texts are encrypted inherit from some of them.
      PLAIN = %w[ActiveModel::Type::String ActiveModel::Type::ImmutableString ActiveRecord::Type::Text
                 ActiveRecord::ConnectionAdapters::PostgreSQL::OID::SpecializedString].freeze
      RAILS = %w[ActiveModel:: ActiveRecord::].freeze
      private_constant :TYPES, :TEXTS, :PLAIN, :RAILS

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
      end

      # @return [Boolean] whether all written columns are such
      def all?
        @schema.columns.all? { |name| !list?(name) && (plain?(name) || text?(name)) }
      end

      # @param name [Symbol] of a column
      # @return [Boolean] whether it holds texts, which are in the database what the model has
      def text?(name)
        TEXTS.include?(stored(name).type) && (enum?(name) || PLAIN.include?(@schema.type(name).class.name))
      end

      private

      # Returns whether it is of a type that is none of texts, and that Rails itself has: one of the host's may take
      # NULL for a value, or two values for one.
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
