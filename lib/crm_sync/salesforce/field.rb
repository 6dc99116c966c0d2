# frozen_string_literal: true

module CrmSync
  module Salesforce
    # A field of an object, as the org describes it to the integration user.
    #
    # @example
    #   email = client.describe("Contact").fetch("Email")
    #   email.type       # => :email
    #   email.length     # => 80
    #   email.nillable?  # => true
    class Field
      # @return [String] the API name
      attr_reader :name
      # @return [Symbol] the type, as Salesforce calls it, such as +:string+, +:picklist+ or +:reference+
      attr_reader :type
      # @return [Integer] the maximum number of characters of a text; 0 for other types
      attr_reader :length
      # @return [Array<String>] the active values of a picklist, in its order
      attr_reader :picklist_values
      # @return [Array<String>] the objects whose records the field can refer to
      attr_reader :references

      # @api private
      def initialize(name:, type:, max_length:, picklist_values:, references:, **flags)
        @name = name.freeze
        @type = type.to_sym
        @length = max_length
        @picklist_values = picklist_values.each(&:freeze).freeze
        @references = references.each(&:freeze).freeze
        @flags = flags
        freeze
      end

      # @return [Boolean] whether the field may be null
      def nillable?
        @flags.fetch(:nillable)
      end

      # @return [Boolean] whether the integration user may set the field in a new record
      def createable?
        @flags.fetch(:createable)
      end

      # @return [Boolean] whether the integration user may change the field
      def updateable?
        @flags.fetch(:updateable)
      end

      # @return [Boolean] whether records can be upserted by the field
      def external_id?
        @flags.fetch(:external_id)
      end

      # @return [Boolean] whether no two records have the same value of the field
      def unique?
        @flags.fetch(:unique)
      end

      # @return [String] such as +"#<CrmSync::Salesforce::Field Email email(80)>"+
      def inspect
        "#<#{self.class.name} #{name} #{type}#{"(#{length})" if length.positive?}>"
      end
    end
  end
end
