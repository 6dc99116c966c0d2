# frozen_string_literal: true

module CrmSync
  module Contacts
    # The part of {Declaration} that knows which keys lead to contacts and leads.
    module DeclaredKeys
      NO_LEADS = 'lead_status needs a source; add: leads "Lead", and leads: %w[Email] to a match_by'
      private_constant :NO_LEADS

      # Adds a key, the weakest so far. Those of a class above do not count any more.
      # @param key [Key]
      # @return [void]
      def add_key(key)
        @keys = [] unless said(keys) { true }
        @keys << key
      end

      # @return [Array<Key::Tier>] the tiers of all keys, from the strongest to the weakest
      def tiers
        keys.flat_map(&:tiers)
      end

      # @return [Array<Key::Tier>] the tiers whose values lead to leads
      def lead_tiers
        return [] unless lead_rules

        known = tiers_of_leads
        weakest = known.rindex { |tier| tier.scope == lead_rules.weakest }
        known.first(weakest + 1).select { |tier| tier.contacts == :all || tier == known[weakest] }
      end

      private

      def lead_gaps
        return [] unless lead_rules

        problem = leads ? unmatched_leads : NO_LEADS
        problem ? [[lead_rules.line, problem]] : []
      end

      def unmatched_leads
        return if keys.empty? # which is told by itself

        known = tiers_of_leads.map(&:scope).uniq
        return "lead_status needs a key that leads have; add to a match_by: leads: %w[Email]" if known.empty?
        return if known.include?(lead_rules.weakest)

        "trust: #{lead_rules.weakest.inspect} is none of the trusted scopes (#{known.inspect})"
      end

      def tiers_of_leads
        keys.select { |key| key.leads.any? }.flat_map(&:tiers)
      end
    end
    private_constant :DeclaredKeys
  end
end
