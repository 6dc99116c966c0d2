# frozen_string_literal: true

module CrmSync
  module Organizations
    # Describes the sources of an organization sync for the source check.
    module Sources
      class << self
        # @param declaration [CrmSync::Organizations::Declaration]
        # @param facts [Hash] counts of what was read
        # @param decision [CrmSync::Organizations::Decision]
        # @return [Array<CrmSync::SourceCheck::Counts>]
        def of(declaration, facts, decision)
          [accounts(declaration, facts, decision), organizations(declaration, facts)]
        end

        private

        # Describes the accounts, with the key and the fields that the filter or the managed field depends on: if one of
        # them turned blank everywhere, all organizations would be marked. The number of accounts of the last run can be
        # told from Zendesk itself, even if it is recorded nowhere else.
        def accounts(declaration, facts, decision)
          deciding = declaration.attributes.select do |attribute|
            attribute.name == declaration.organizations.managed_field
          end
          fields = [declaration.accounts.key, *declaration.accounts.also, *deciding.flat_map(&:paths)].uniq
          SourceCheck::Counts.new(
            name: :accounts, rows: facts[:accounts], filled: facts[:account_fields].slice(*fields),
            linked: decision.expecting_an_account, by: "organizations", one_each: true,
            came: decision.accounts_came,
            followed: facts[:accounts], unknown: UnknownValues.count(decision.issues)
          )
        end

        def organizations(declaration, facts)
          organizations = declaration.organizations
          fields = [organizations.key, organizations.managed_field].compact.map { |key| "organization_fields.#{key}" }
          fields[0] = organizations.key if organizations.external?
          filled = facts[:organization_fields].slice(*fields)
          SourceCheck::Counts.new(name: :organizations, rows: facts[:organizations], filled:, linked: 0)
        end
      end
    end
    private_constant :Sources
  end
end
