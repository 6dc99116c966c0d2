# frozen_string_literal: true

module CrmSync
  module Contacts
    # Keeps what the premises of a batch have read beside its own records: whose the addresses are, and who has the
    # contacts. Each kind of fact is read by one statement for all changes, when it is first asked for.
    class Facts
      # @param premises [Array<Premises::Premise>]
      # @param changes [Array<#key, #basis>] the changes of the batch
      # @param together [Boolean] whether all of them are made, or none
      def initialize(premises, changes, together: false)
        @premises = premises
        @changes = changes
        @together = together
        @read = {}
      end

      # @return [Array<#key, #basis>] the changes of which all are made, or none
      def together = @together ? @changes : []

      # @param name [Array<Object>] the kind of fact
      # @yieldparam changes [Array<#key, #basis>] the changes of the batch
      # @return [Object] what the block has returned when it was first asked
      def read(*name)
        @read[name] ||= yield @changes
      end

      # Notes that a change of the batch has been written.
      # @param change [CrmSync::Change]
      # @return [void]
      def wrote(change)
        @premises.each { |premise| premise.wrote(change, self) }
      end
    end
    private_constant :Facts
  end
end
