# frozen_string_literal: true

module CrmSync
  module Contacts
    # Describes the sources of a contact sync for the source check.
    module Sources
      class << self
        # @param declaration [CrmSync::Contacts::Declaration]
        # @param facts [Hash] counts of what was read
        # @param decision [CrmSync::Contacts::Decision]
        # @param statuses [Array] the distinct statuses of leads
        # @return [Array<CrmSync::SourceCheck::Counts>]
        def of(declaration, facts, decision, statuses)
          [contacts(declaration, facts, decision), users(facts),
           (leads(declaration, facts, statuses) if declaration.lead_rules)].compact
        end

        private

        def contacts(declaration, facts, decision)
          filled = declaration.keys.flat_map(&:to).zip(facts[:contact_addresses]).to_h
          declaration.attributes.zip(facts[:filled]) do |attribute, count|
            filled[attribute.paths.join(" or ")] = count if attribute.privileged.any?
          end
          SourceCheck::Counts.new(
            name: :contacts, rows: facts[:contacts], linked: facts[:linked_users], by: "users", filled:,
            came: facts[:links_found],
            followed: decision.followed_contacts, unknown: UnknownValues.count(decision.issues)
          )
        end

        def leads(declaration, facts, statuses)
          field = declaration.lead_rules.from
          counts = statuses.zip(facts[:lead_status_counts]).to_h
          filled = declaration.keys.flat_map(&:leads).zip(facts[:lead_addresses]).to_h
          filled[field] = counts.except(nil, "").values.sum
          SourceCheck::Counts.new(name: :leads, rows: facts[:leads], linked: 0, filled:, followed: facts[:leads],
                                  **unnamed(declaration.lead_rules, field, counts))
        end

        # Counts the statuses that no rule names: a plain +otherwise+ takes them, one with statuses does not.
        def unnamed(leads, field, counts)
          unnamed = counts.except(nil, *leads.rules.flat_map(&:statuses))
          return { unknown: { field => unnamed.values.sum } } if leads.rules.any?(&:others)

          { unnamed: { field => unnamed.transform_keys(&:to_s) } }
        end

        # Counts at most one address for each user: a user can have several.
        def users(facts)
          filled = { "a trusted address" => facts.values_at(:trusted_addresses, :users).min }
          SourceCheck::Counts.new(name: :users, rows: facts[:users], linked: 0, filled:)
        end
      end
    end
    private_constant :Sources
  end
end
