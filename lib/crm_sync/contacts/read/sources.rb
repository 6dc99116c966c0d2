# frozen_string_literal: true

require_relative "../../plan/source_day"
require_relative "value_counts"

module CrmSync
  module Contacts
    # Describes the sources of a contact sync for the source check.
    #
    # In a large app, counting the values of users who were not read takes longer than everything else. So they are
    # counted before something is written; otherwise once an hour, and every time while the last count shows a drift.
    module Sources
      # The name of the source of users.
      USERS = "users"

      class << self
        # @param schema [CrmSync::Contacts::Schema]
        # @param facts [Hash] counts of what was read
        # @param decision [CrmSync::Contacts::Decision]
        # @param statuses [Array] the distinct statuses of leads
        # @param last [Hash{String => Hash}] the figures of the sources at the last run
        # @return [Array<CrmSync::SourceCheck::Counts>] without the users if they are not counted this time
        def of(schema, facts, decision, statuses, last)
          declaration = schema.declaration
          values = ValueCounts.new(schema, facts)
          counted = values.known? || decision.change_count.positive? || due?(last.fetch(USERS, {}))
          [contacts(declaration, facts, decision), (users(values, facts) if counted),
           (leads(declaration, facts, statuses) if declaration.leads_matter?)].compact
        end

        private

        def contacts(declaration, facts, decision)
          filled = declaration.keys.flat_map(&:to).zip(facts[:contact_addresses]).to_h
          declaration.attributes.zip(facts[:filled]) do |attribute, count|
            filled[attribute.paths.join(" or ")] = count if attribute.privileged?
          end
          SourceCheck::Counts.new(
            name: :contacts, rows: facts[:contacts], linked: facts[:linked_users], by: "users", filled:,
            came: facts[:links_found],
            followed: decision.followed_contacts, unknown: UnknownValues.count(decision.issues)
          )
        end

        def leads(declaration, facts, statuses)
          filled = declaration.keys.flat_map(&:leads).zip(facts[:lead_addresses]).to_h
          rows = facts[:leads]
          counts = { name: :leads, rows:, linked: 0, followed: rows }
          return SourceCheck::Counts.new(**counts, filled:) unless (rules = declaration.lead_rules)

          frequencies = statuses.zip(facts[:lead_status_counts]).to_h
          filled[rules.from] = frequencies.except(nil, "").values.sum
          SourceCheck::Counts.new(**counts, filled:, **unnamed(rules, rules.from, frequencies))
        end

        # Counts the statuses that no rule names. A plain +otherwise+ takes them; an +otherwise+ with statuses does not.
        def unnamed(leads, field, counts)
          unnamed = counts.except(nil, *leads.rules.flat_map(&:statuses))
          return { unknown: { field => unnamed.values.sum } } if leads.rules.any?(&:others)

          { unnamed: { field => unnamed.transform_keys(&:to_s) } }
        end

        def due?(last)
          !SourceDay.new(last).fresh? || last["drift"].present?
        end

        # Counts at most one value of a key for each user, because a user can have several.
        def users(values, facts)
          counts = values.to_h.group_by { |key, _| key.kind == :email ? "address" : "value of #{key.name}" }
          filled = counts.transform_keys { |what| "a trusted #{what}" }.transform_values do |alike|
            [alike.sum(&:last), facts[:users]].min
          end
          SourceCheck::Counts.new(name: :users, rows: facts[:users], linked: 0, filled:)
        end
      end
    end
    private_constant :Sources
  end
end
