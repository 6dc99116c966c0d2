# frozen_string_literal: true

module CrmSync
  module Contacts
    # The sources of a contact sync, as the source check wants to see them.
    # @api private
    module Sources
      class << self
        # @param declaration [CrmSync::Contacts::Declaration]
        # @param facts [Hash] counts of what was read
        # @return [Array<CrmSync::SourceCheck::Source>]
        def of(declaration, facts)
          [contacts(declaration, facts), users(facts), (leads(declaration, facts) if declaration.lead_rules)].compact
        end

        private

        def contacts(declaration, facts)
          filled = declaration.contacts.emails.zip(facts[:contact_addresses]).to_h
          declaration.attributes.zip(facts[:filled]) do |attribute, count|
            filled[attribute.paths.join(" or ")] = count if attribute.privileged.any?
          end
          SourceCheck::Source.new(name: :contacts, rows: facts[:contacts], linked: facts[:linked_users], by: "users",
                                  filled:)
        end

        def leads(declaration, facts)
          filled = declaration.leads.emails.zip(facts[:lead_addresses]).to_h
          SourceCheck::Source.new(name: :leads, rows: facts[:leads], linked: 0, filled:)
        end

        def users(facts)
          filled = { "a trusted address" => facts[:trusted_addresses] }
          SourceCheck::Source.new(name: :users, rows: facts[:users], linked: 0, filled:)
        end
      end
    end
  end
end
