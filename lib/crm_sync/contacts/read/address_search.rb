# frozen_string_literal: true

require_relative "../../store/database"
require_relative "address_owners"

module CrmSync
  module Contacts
    # Finds addresses in any spelling. The database only narrows the search; {Email.normalize} says which addresses are
    # equal, here as in the core.
    #
    # Addresses in plain ASCII differ only by case, so a search for the lower case can use an index. An address with
    # blanks or other letters may equal any address, and is searched for in the whole table; there are few of these, so
    # they are read once for many changes.
    class AddressSearch
      # Seconds for which the odd spellings that were read may be used.
      FRESH = 5
      private_constant :FRESH

      # @param schema [CrmSync::Contacts::Schema]
      def initialize(schema)
        @schema = schema
        @name = schema.declaration.address_column
        @odd = {}
      end

      # @param wanted [Array<String>] normalized addresses
      # @return [Array<Object>] the keys of the users who have one of them, trusted or not, with repeats
      def owners(wanted)
        all = @schema.address_model.all
        rows = all.where(column.lower.in(wanted)).or(all.where(odd_spelling)).pluck(owner, @name)
        rows.select { |_, text| wanted.include?(Email.normalize(text)) }.map(&:first)
      end

      # @param tier [Declaration::Tier]
      # @param wanted [Array<String>] normalized addresses
      # @return [Hash{String => Array<String>}] for each address the users, who exist, that have it in the tier
      def holders(tier, wanted)
        rows = owned(tier).where(column.lower.in(wanted)).pluck(owner, @name)
        rows = rows.map { |key, text| [key, Email.normalize(text)] } + odd(tier)
        rows.group_by(&:last).slice(*wanted).transform_values { |found| found.map { |key, _| key.to_s } }
      end

      # @param tiers [Array<Declaration::Tier>]
      # @return [Array<String>] the oddly spelled addresses in these tiers, normalized
      def odd_addresses(tiers)
        tiers.flat_map { |tier| odd(tier).map(&:last) }
      end

      private

      # Leaves out what is left of users who do not exist, which claims nothing.
      def owned(tier)
        @schema.tier(tier).where(Arel.sql(AddressOwners.sql(@schema)))
      end

      def odd(tier)
        rows, read_at = @odd[tier]
        return rows if read_at && clock - read_at < FRESH

        rows = owned(tier).where(odd_spelling).pluck(owner, @name)
        rows = rows.map { |key, text| [key, Email.normalize(text)] }
        @odd[tier] = [rows, clock]
        rows
      end

      def odd_spelling
        quoted = "#{@schema.address_model.quoted_table_name}.#{@schema.connection.quote_column_name(@name)}"
        Arel.sql(Database.for(@schema.connection).odd(quoted))
      end

      def column
        @schema.address_model.arel_table[@name]
      end

      def owner
        @schema.association.foreign_key
      end

      def clock
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
    private_constant :AddressSearch
  end
end
