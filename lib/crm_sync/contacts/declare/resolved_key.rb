# frozen_string_literal: true

require_relative "../read/membership"
require_relative "key"
require_relative "key_association"

module CrmSync
  module Contacts
    # Represents a declared key, resolved against the app's models: the rows that hold its values, and those of them
    # that are trusted.
    class ResolvedKey
      # The kinds of keys, by the types of the model's columns.
      KINDS = { uuid: :uuid, integer: :integer, string: :text, text: :text, citext: :text }.freeze
      # The column types whose values the database spells in one way only.
      NATIVE = %i[uuid integer].freeze
      private_constant :KINDS, :NATIVE

      # @return [Range] the numbers of the key's tiers, counted over the tiers of all keys
      attr_reader :places

      # @param schema [CrmSync::Contacts::Schema]
      # @param declared [Key]
      # @param first [Integer] the number of the key's strongest tier
      def initialize(schema, declared, first)
        @schema = schema
        @declared = declared
        @places = first...(first + declared.tiers.size)
      end

      delegate :name, :to, :leads, :as, :evidence, :tiers, :line, :own?, to: :@declared

      # @return [Class] the model of the rows that hold the values
      def model
        own? ? @schema.model : association.klass
      end

      # @return [Symbol] the column that holds the value
      def column
        @declared.column || name
      end

      # @return [ActiveRecord::ConnectionAdapters::Column, nil] the database's definition of this column
      def stored
        model.columns_hash[column.to_s]
      end

      # @return [Symbol, nil] the kind of the values; nil if no kind fits the type of the column
      def kind
        @kind ||= @declared.as || (own? ? KINDS[stored&.type] : :email)
      end

      # @return [Boolean] whether the values are the ids of stored leads
      def lead? = kind == Key::LEAD

      # @return [Boolean] whether the database spells each value in one way only
      def native?
        NATIVE.include?(stored.type)
      end

      # @return [KeyAssociation] the association from the model to the rows
      # @raise [CrmSync::MappingError] when it does not exist, or its rows cannot be read
      def association
        @association ||= KeyAssociation.new(@schema, @declared).tap(&:check)
      end

      # @return [String] the quoted table of the rows, or the subquery that replaces it in a FROM clause
      def source
        own? ? model.quoted_table_name : association.source
      end

      # @return [Symbol] the column that holds the primary key of the user
      def owner
        own? ? model.primary_key.to_sym : association.owner
      end

      # @return [ActiveModel::Type::Value] the type of the column {#owner}
      def owner_type
        @owner_type ||=
          own? || association.joined? ? @schema.type(@schema.model.primary_key) : model.type_for_attribute(owner.to_s)
      end

      # @return [Boolean] whether a row may belong to a user who does not exist
      def orphans?
        !own? && !association.joined?
      end

      # @return [ActiveRecord::Relation] all rows of the key, trusted or not, including those of users whom the model's
      #   default scope hides
      def rows
        model.unscoped.from(Arel.sql(source)).where(Arel.sql(membership))
      end

      # Returns the condition for the trusted rows of a tier: the rows of the key that are also in the tier's scope. The
      # two conditions are joined rather than merged, because in a merge Rails replaces a condition of the association
      # by a condition of the scope on the same column.
      # @param place [Integer] the number of the tier, counted over the tiers of all keys
      # @return [String] an SQL condition
      def trust(place)
        name = tiers[place - places.begin].scope
        scope = own? ? model.unscoped { model.public_send(name) } : model.public_send(name)
        [membership, Membership.sql(scope)].uniq.join(" AND ")
      end

      private

      def membership = Membership.sql(own? ? model.unscoped : association.rows)
    end
    private_constant :ResolvedKey
  end
end
