# frozen_string_literal: true

require_relative "../change"

module CrmSync
  module Organizations
    # One change of an organization sync: what happens to the organization of one account. Its +before+ and +after+ name
    # attributes and custom fields alike by their own names.
    class Change < CrmSync::Change
      # @return [Integer, nil] the organization; nil for one that is to be created
      attr_reader :organization_id
      # @return [String] the name by which people know the organization, before the change
      attr_reader :name

      # @api private
      def initialize(organization_id:, name:, **change)
        super(**change)
        @organization_id = organization_id
        @name = name
        freeze
      end

      # @api private
      # @return [Array] what it is, for a digest
      def to_a
        [*super, organization_id, name]
      end

      # @return [String] one line
      def to_s
        "#{super} #{Presentable.text(name)}"
      end
    end
  end
end
