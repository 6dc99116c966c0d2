# frozen_string_literal: true

module CrmSync
  module Contacts
    # The part of {Declaration} that has the keys by which users are matched to contacts and leads.
    module DeclaredKeys
      NO_LEADS = 'lead_status needs a source; add: leads "Lead", and leads: %w[Email] to a match_by'
      NO_KEY = "lead_status needs a key that leads have; add to a match_by: leads: %w[Email]"
      NOTHING_TO_TRUST = "no key has values of leads, so that only stored leads count; leave out trust:"
      private_constant :NO_LEADS, :NO_KEY, :NOTHING_TO_TRUST

      # Adds a key that is weaker than those before it. The first key of a subclass replaces all keys of its superclass.
      # @param key [Key]
      # @return [void]
      def add_key(key)
        @keys = [] unless said(keys) { true }
        @keys << key
      end

      # @return [Key, nil] the id of the lead that the app stores, as a key of leads only: the contact is found by way
      #   of the lead
      def stored_lead
        return unless (name = leads&.foreign_key)

        tiers = [Key::Tier.new(Key::ALL, :all, leads.line, name)]
        Key.new(name:, to: [], leads: ["Id"], as: Key::LEAD, evidence: false, tiers:, line: leads.line)
      end

      # @return [Array<Key>] the declared keys, followed by the {#stored_lead}
      def all_keys
        [*keys, stored_lead].compact
      end

      # @return [Array<Key::Tier>] the tiers of all keys, from the strongest to the weakest
      def tiers
        all_keys.flat_map(&:tiers)
      end

      # @return [Array<Key::Tier>] the tiers whose values lead to leads
      def lead_tiers
        [*trusted_for_leads, *stored_lead&.tiers]
      end

      # @return [Boolean] whether leads are read
      def leads_matter?
        !lead_rules.nil? || !stored_lead.nil?
      end

      private

      def lead_gaps
        return [] unless lead_rules

        problem = leads ? unmatched_leads : NO_LEADS
        problem ? [[lead_rules.line, problem]] : []
      end

      def unmatched_leads
        return if keys.empty? # is reported separately

        known = tiers_of_leads.map(&:scope).uniq
        return without_keys_of_leads if known.empty?
        return if known.include?(lead_rules.weakest)
        return "lead_status: say in trust: which is the weakest scope that counts, of #{known.inspect}" if untrusted?

        "trust: #{lead_rules.weakest.inspect} is none of the trusted scopes (#{known.inspect})"
      end

      def without_keys_of_leads
        return NO_KEY unless stored_lead

        NOTHING_TO_TRUST unless untrusted?
      end

      def untrusted? = lead_rules.weakest.nil?

      def stored_lead_gap
        name = stored_lead&.name or return
        other = if name == foreign_key then "that of model; correct one"
                elsif keys.any? { |key| key.name == name } then "a match_by as well; keep one"
                end
        [leads.line, "#{name.inspect} is the foreign_key: of leads, and #{other}"] if other
      end

      def trusted_for_leads
        return [] unless lead_rules&.weakest

        known = tiers_of_leads
        weakest = known.rindex { |tier| tier.scope == lead_rules.weakest }
        known.first(weakest + 1).select { |tier| tier.contacts == :all || tier == known[weakest] }
      end

      def tiers_of_leads
        keys.select { |key| key.leads.any? }.flat_map(&:tiers)
      end
    end
    private_constant :DeclaredKeys
  end
end
