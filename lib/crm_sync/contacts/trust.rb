# frozen_string_literal: true

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
      # @param for [:contacts, nil] +:contacts+ where they lead to contacts only, not to leads
      # @return [void]
      # @raise [CrmSync::MappingError] when the scope is trusted already, or +for+ is something else
      # @example
      #   trust :school_issued, for: :contacts
      def trust(scope, for: nil)
        use = binding.local_variable_get(:for)
        declaration = @dsl.declaration
        declaration.refuse(@dsl.here, "for: can only be :contacts") unless [nil, :contacts].include?(use)
        known = declaration.tiers.map(&:scope)
        declaration.refuse(@dsl.here, "#{scope.inspect} is trusted already") if known.include?(scope)
        declaration.tiers << Declaration::Tier.new(scope.to_sym, use || :all, @dsl.here)
      end
    end
  end
end
