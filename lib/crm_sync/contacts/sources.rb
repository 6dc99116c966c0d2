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
          filled = { addresses(declaration.contacts) => facts[:contacts_with_address] }
          declaration.attributes.zip(facts[:filled]) do |attribute, count|
            filled[attribute.paths.join(" or ")] = count if attribute.privileged.any?
          end
          SourceCheck::Source.new(name: :contacts, rows: facts[:contacts], linked: facts[:linked_users], filled:)
        end

        def leads(declaration, facts)
          filled = { addresses(declaration.leads) => facts[:leads_with_address] }
          SourceCheck::Source.new(name: :leads, rows: facts[:leads], linked: 0, filled:)
        end

        def users(facts)
          SourceCheck::Source.new(name: :users, rows: facts[:users], linked: 0, filled: {})
        end

        def addresses(source)
          source.emails.join(" or ")
        end
      end
    end
  end
end
