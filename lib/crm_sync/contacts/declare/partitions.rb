# frozen_string_literal: true

require_relative "declaration"

module CrmSync
  module Contacts
    # The word that separates the tenants of an app.
    module Partitions
      # Declares that the app has several parts, such as tenants, that must be kept apart. Each part has a lock, a
      # memory, budgets, kept rows, an outbox and a history of its own, and a plan or a run of one part is refused in
      # another. The block is called at each run, and returns the part that this run is for.
      # @yieldreturn [String, Symbol, Integer] the name of the part
      # @return [void]
      # @raise [CrmSync::MappingError] when there is no block, or it takes arguments
      # @example
      #   partition { Apartment::Tenant.current }
      def partition(&block)
        block_for("partition", block)
        declaration.set(:partitioning, Internal::Partitioning.new(block, here), here)
      end
    end
  end
end
