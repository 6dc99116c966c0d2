# frozen_string_literal: true

require_relative "key"
require_relative "trust"

module CrmSync
  module Contacts
    # The words that declare how users and contacts are matched.
    module Keys
      TWICE = "it is declared twice; keep one, and name all its fields there, such as to: %w[Email Email2__c]"
      private_constant :TWICE

      # Declares a key: a value that a user and a contact have in common. It can be used several times; the strongest
      # key comes first. The block calls {Trust#trust} for each tier, with the strongest first. Without a block, all
      # values are trusted.
      # @param name [Symbol] a column of the model; or, with +column+, an association of the model
      # @param to [String, Array<String>] the fields of the contact that hold one value each
      # @param leads [String, Array<String>] the fields of the lead that hold one value each; by default, the key leads
      #   to no leads
      # @param column [Symbol, nil] the column of the associated rows that holds the value
      # @param as [:email, :text, :uuid, :integer, nil] how values are compared. By default this follows from the type
      #   of the model's column; values in an association are compared as e-mail addresses
      # @param evidence [Boolean] if true, a linked user whose contact has another value of this key is relinked to the
      #   contact that has the user's value, if that is exactly one
      # @return [void]
      # @raise [CrmSync::MappingError] when a name or an option is not valid, or the key is declared twice
      # @example a column of the model
      #   match_by :uuid, to: "Accounts_UUID__c", evidence: true
      # @example addresses in an association
      #   match_by :contact_infos, column: :value, to: %w[Email Email_alt__c], leads: %w[Email] do
      #     trust :verified
      #     trust :school_issued, matches: :contacts
      #   end
      def match_by(name, to:, leads: [], column: nil, as: nil, evidence: false, &block)
        name = symbol(name, "match_by names a column or an association of the model")
        column &&= symbol(column, "column: names a column")
        to, leads = [to, leads].map { |fields| Array(fields) }
        problem = key_problem(name, to, leads, as, evidence)
        declaration.refuse(here, "match_by #{name.inspect}: #{problem}") if problem
        tiers = trusted(name, block)
        declaration.add_key(Key.new(name:, column:, to:, leads:, as:, evidence:, tiers:, line: here))
      end

      # Declares what happens when a contact to which a key leads also has a value of a stronger key, and no user has
      # that value. It may belong to an old account or another tenant, or be a typing error.
      # @param policy [:hold, :link] +:hold+, the default, holds the user, with an issue; +:link+ ignores such a value
      # @return [void]
      # @raise [CrmSync::MappingError] when +policy+ is neither of these
      # @example
      #   keys_disagree :link
      def keys_disagree(policy)
        declaration.refuse(here, "keys_disagree is :hold or :link") unless %i[hold link].include?(policy)
        declaration.set(:disagreeing, policy, here)
      end

      # Declares addresses that belong to nobody, such as those that people enter when they have none. Such an address
      # links nobody, and does not prevent those who share it from being linked. As for all addresses, only the normal
      # form is compared.
      # @param addresses [Array<String>]
      # @return [void]
      # @raise [CrmSync::MappingError] when there is no address, or one is not text or is blank
      # @example
      #   ignore_addresses "none@none.com", "n/a"
      def ignore_addresses(*addresses)
        addresses = addresses.flatten
        right = addresses.any? && addresses.all? { |text| text.is_a?(String) && Email.normalize(text) }
        declaration.refuse(here, "ignore_addresses names addresses, such as \"none@none.com\"") unless right
        declaration.set(:ignored, addresses, here)
      end

      private

      def key_problem(name, to, leads, kind, evidence)
        wrong = [*to, *leads].find { |path| !Internal::ApiName.path?(path) }
        if declaration.said(declaration.keys) { |known| known.name == name } then TWICE
        elsif wrong then Internal::ApiName.no_field(wrong)
        elsif to.empty? then "to: names no field"
        elsif ![nil, *Key::KINDS].include?(kind) then "as: is one of #{Key::KINDS.inspect}"
        elsif ![true, false].include?(evidence) then "evidence: is true or false"
        end
      end

      def trusted(name, block)
        return [Key::Tier.new(Key::ALL, :all, here, name)] unless block

        trust = Trust.new(self, name)
        trust.instance_eval(&block)
        declaration.refuse(here, "match_by #{name.inspect} trusts nothing; add: trust :verified") if trust.list.empty?
        trust.list
      end
    end
  end
end
