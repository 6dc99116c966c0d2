# frozen_string_literal: true

require "active_support/core_ext/module/delegation"
require_relative "../../sync/words"
require_relative "key"

module CrmSync
  module Contacts
    # The words in the block of {Keys#match_by}.
    class Trust
      # @api private
      # @return [Array<Key::Tier>] the tiers that are declared so far
      attr_reader :list

      # @api private
      def initialize(dsl, key)
        @dsl = dsl
        @key = key
        @list = []
      end

      # Declares a scope of rows whose values are trusted. The strongest scope comes first.
      # @param scope [Symbol] a scope of the model that holds the values; +:all+ trusts all rows
      # @param matches [:contacts, nil] +:contacts+ if the values lead to contacts only, and not to leads
      # @return [void]
      # @raise [CrmSync::MappingError] when the scope is trusted already, or +matches+ is something else
      # @example
      #   trust :school_issued, matches: :contacts
      def trust(scope, matches: nil)
        declaration.refuse(here, "matches: can only be :contacts") unless [nil, :contacts].include?(matches)
        scope = @dsl.symbol(scope, "trust names a scope")
        declaration.refuse(here, "#{scope.inspect} is trusted already") if @list.map(&:scope).include?(scope)
        @list << Key::Tier.new(scope, matches || :all, here, @key)
      end

      Words.guard_block(self)

      delegate :declaration, :here, to: :@dsl, private: true
    end
  end
end
