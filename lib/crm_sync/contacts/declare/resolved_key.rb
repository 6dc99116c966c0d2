# frozen_string_literal: true

require_relative "../read/membership"
require_relative "key"
require_relative "key_association"

module CrmSync
  module Contacts
    # A declared key with what the app's models make of it: the rows in which its values are, and those that are
    # trusted.
    class ResolvedKey
      # The kinds of keys by the types of the model's columns.
      KINDS = { uuid: :uuid, integer: :integer, string: :text, text: :text, citext: :text }.freeze
      # The types whose values the database spells in one way only.
      NATIVE = %i[uuid integer].freeze
      private_constant :KINDS, :NATIVE

      # @return [Range] the numbers of its tiers among those of all keys
      attr_reader :places

      # @param schema [CrmSync::Contacts::Schema]
      # @param declared [Key]
      # @param first [Integer] the number of its strongest tier
      def initialize(schema, declared, first)
        @schema = schema
        @declared = declared
        @places = first...(first + declared.tiers.size)
      end

      delegate :name, :to, :leads, :evidence, :tiers, :line, :own?, to: :@declared

      # @return [Class] the model of the rows
      def model
        own? ? @schema.model : association.klass
      end

      # @return [Symbol] the column with the value
      def column
        @declared.column || name
      end

      # @return [ActiveRecord::ConnectionAdapters::Column, nil] the same as the database defines it
      def stored
        model.columns_hash[column.to_s]
      end

      # @return [Symbol, nil] the kind of its values; nil for a column whose type is that of none
      def kind
        @kind ||= @declared.as || (own? ? KINDS[stored&.type] : :email)
      end

      # @return [Boolean] whether its values are the ids of stored leads
      def lead? = kind == Key::LEAD

      # @return [Boolean] whether the database spells each value in one way only
      def native?
        NATIVE.include?(stored.type)
      end

      # @return [KeyAssociation] the association of the model with the rows
      # @raise [CrmSync::MappingError] when it is none whose rows can be read
      def association
        @association ||= KeyAssociation.new(@schema, @declared).tap(&:check)
      end

      # @return [String] the table of the rows, quoted, or what stands in its place in a FROM
      def source
        own? ? model.quoted_table_name : association.source
      end

      # @return [Symbol] the column with the key of the user
      def owner
        own? ? model.primary_key.to_sym : association.owner
      end

      # @return [ActiveModel::Type::Value] the type of this column
      def owner_type
        @owner_type ||=
          own? || association.joined? ? @schema.type(@schema.model.primary_key) : model.type_for_attribute(owner.to_s)
      end

      # @return [Boolean] whether the user of a row may not exist
      def orphans?
        !own? && !association.joined?
      end

      # @return [ActiveRecord::Relation] all rows, trusted or not; also those of users whom the model's default scope
      #   hides
      def rows
        model.unscoped.from(Arel.sql(source)).where(Arel.sql(membership))
      end

      # Tells the trusted rows of a tier: those of the key that are also in the scope. The two are not merged, because
      # Rails then replaces a condition of the association by the scope's condition on the same column.
      # @param place [Integer] the number of the tier among those of all keys
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
