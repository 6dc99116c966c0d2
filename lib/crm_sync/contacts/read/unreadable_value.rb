# frozen_string_literal: true

module CrmSync
  module Contacts
    # Stands for a value in the database that the model cannot read, such as one that was encrypted with a key that the
    # app does not have. It equals no other value.
    class UnreadableValue
      # @return [String] the class of the error that the model raises
      attr_reader :error

      # @param error [StandardError] the error that the model raises
      def initialize(error)
        @error = error.class.name
      end

      # @return [String] a mark, as for other values that are not shown
      def inspect = "[unreadable]"
    end
    private_constant :UnreadableValue
  end
end
