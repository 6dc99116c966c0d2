# frozen_string_literal: true

module CrmSync
  module Contacts
    # Reads what the changes of a batch stand on beside their own rows: whose the addresses are, and who has the
    # contacts. Each kind of fact is read by one statement for all changes, when it is first asked for.
    class Facts
      # @param schema [CrmSync::Contacts::Schema]
      # @param conditions [CrmSync::Contacts::Conditions]
      # @param search [CrmSync::Contacts::AddressSearch]
      # @param changes [Array<#key, #basis>] the changes of the batch
      def initialize(schema, conditions, search, changes)
        @schema = schema
        @declaration = schema.declaration
        @conditions = conditions
        @search = search
        @changes = changes
        @own = {}
        @holders = {}
      end

      # @param change [#key, #basis] one of the batch, with an address
      # @return [Boolean] whether the address is still the user's own, and trusted
      def own?(change)
        own(change.basis.tier).include?([key(change), change.basis.address])
      end

      # @param change (see #own?)
      # @return [Boolean] whether another user has the address by stronger trust
      def others?(change)
        @declaration.tiers.first(change.basis.tier).any? do |tier|
          holders(tier).fetch(change.basis.address, []).any? { |key| key != key(change) }
        end
      end

      # Asks the database once more if somebody seems to have the contact: only the database knows whether its column
      # takes two spellings for equal, and the one who had it may have lost it since.
      #
      # @param change [CrmSync::Change] one of the batch
      # @return [Boolean] whether another record has the contact, and none other may
      def taken?(change)
        ids = @conditions.sole_contact(change)
        return false if (ids.flat_map { |id| contacts.fetch(folded(id), []) } - [key(change)]).empty?

        @schema.everybody.where(link => ids).where.not(@schema.model.primary_key => change.key).exists?
      end

      # Notes that a change of the batch has been written.
      # @param change [CrmSync::Change]
      # @return [void]
      def wrote(change)
        id = @conditions.sole_contact(change).first
        (contacts[folded(id)] ||= []) << key(change) if id
      end

      private

      def link = @declaration.foreign_key

      def key(change) = @schema.canonical(@schema.model.primary_key, change.key).to_s

      # Joins too many ids rather than too few: some databases take those for equal that differ by case.
      def folded(id) = id.strip.downcase

      # Returns pairs of users and their own addresses.
      def own(tier)
        @own[tier] ||= begin
          owner = @schema.association.foreign_key
          keys = @changes.select { |change| change.basis.address && change.basis.tier == tier }.map(&:key)
          rows = @schema.tier(@declaration.tiers[tier]).where(owner => keys)
          rows.pluck(owner, @declaration.address_column).to_set { |key, text| [key.to_s, Email.normalize(text)] }
        end
      end

      # Returns the users who have the addresses of those who trust them less.
      def holders(tier)
        @holders[tier] ||= begin
          weaker = @declaration.tiers.index(tier)
          wanted = @changes.select { |change| change.basis.address && change.basis.tier > weaker }
          @search.holders(tier, wanted.map { |change| change.basis.address })
        end
      end

      # Returns the users who have the contacts, by the link as it is stored, folded.
      def contacts
        @contacts ||= begin
          ids = @changes.flat_map { |change| @conditions.sole_contact(change) }
          rows = @schema.everybody.where(link => ids).pluck(@schema.model.primary_key.to_sym, link)
          rows.group_by { |_, id| folded(id) }.transform_values { |found| found.map { |key, _| key.to_s } }
        end
      end
    end
    private_constant :Facts
  end
end
