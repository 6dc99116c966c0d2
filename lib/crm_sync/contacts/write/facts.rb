# frozen_string_literal: true

module CrmSync
  module Contacts
    # Caches what the premises of a batch read besides its own records, such as who has the addresses and who has the
    # contacts. Each kind of fact is read by one query for all changes, when it is first needed.
    class Facts
      # @param premises [Array<Premises::Premise>]
      # @param changes [Array<#key, #basis>] the changes of the batch
      # @param together [Boolean] whether either all of them are made, or none
      def initialize(premises, changes, together: false)
        @premises = premises
        @changes = changes
        @together = together
        @read = {}
      end

      # @return [Array<#key, #basis>] the changes of which either all are made, or none
      def together = @together ? @changes : []

      # @param name [Array<Object>] the kind of fact
      # @yieldparam changes [Array<#key, #basis>] the changes of the batch
      # @return [Object] the result of the block when the fact was first asked for
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
