# frozen_string_literal: true

require "active_support/core_ext/module/delegation"
require_relative "../../sync/words"

module CrmSync
  module Contacts
    # The block of {Dsl#match_by}.
    class Trust
      # @api private
      def initialize(dsl)
        @dsl = dsl
      end

      # Trusts the addresses of a scope; the strongest scope comes first.
      # @param scope [Symbol] a scope of the addresses' model
      # @param matches [:contacts, nil] +:contacts+ if the addresses lead to contacts only, not to leads
      # @return [void]
      # @raise [CrmSync::MappingError] when the scope is trusted already, or +matches+ is something else
      # @example
      #   trust :school_issued, matches: :contacts
      def trust(scope, matches: nil)
        declaration.refuse(here, "matches: can only be :contacts") unless [nil, :contacts].include?(matches)
        scope = @dsl.symbol(scope, "trust names a scope")
        known = declaration.tiers.map(&:scope)
        declaration.refuse(here, "#{scope.inspect} is trusted already") if known.include?(scope)
        declaration.tiers << Declaration::Tier.new(scope, matches || :all, here)
      end

      Words.guard_block(self)

      delegate :declaration, :here, to: :@dsl, private: true
    end
  end
end
