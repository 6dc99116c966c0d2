# frozen_string_literal: true

require_relative "declaration"

module CrmSync
  module Contacts
    # The word that keeps the tenants of an app apart.
    module Partitions
      # Keeps apart what belongs to several parts of an app, such as tenants: each has a lock, a memory, budgets, kept
      # rows, an outbox and a history of its own, and a plan or a run of one is refused in another. The block is asked
      # at each run for the part that this run is for.
      # @yieldreturn [String, Symbol, Integer] its name
      # @return [void]
      # @raise [CrmSync::MappingError] without a block
      # @example
      #   partition { Apartment::Tenant.current }
      def partition(&block)
        block_for("partition", block)
        declaration.set(:partitioning, Internal::Partitioning.new(block, here), here)
      end
    end
  end
end
