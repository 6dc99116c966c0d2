# frozen_string_literal: true

require_relative "../../store/database"
require_relative "key_sql"
require_relative "letter_case"

module CrmSync
  module Contacts
    # Finds the values of a key in any spelling. The database only narrows the search; the core's normal form decides
    # which values are equal.
    #
    # A value that is spelled plainly equals another one as {KeySql} compares them, so a search can use an index. Any
    # other value may equal any value, and is searched for in the whole table; there are few of these, so they are read
    # once for many changes.
    class ValueSearch
      # Seconds for which oddly spelled values may be used after they were read.
      FRESH = 5
      private_constant :FRESH

      # @param schema [CrmSync::Contacts::Schema]
      # @param key [ResolvedKey]
      def initialize(schema, key)
        @schema = schema
        @key = key
        @sql = KeySql.new(schema, key, Database.for(schema.connection))
        @odd = {}
      end

      # @param value [Object] a value as it is in the database, or as somebody gives it
      # @return [String, nil] its normal form; nil if it cannot be a value of the key
      def normalize(value)
        Native.normalize_value(@kind ||= @key.kind.to_s, value.to_s) unless value.nil?
      end

      # @param wanted [Array<String>] normalized values
      # @return [Array<Object>] the keys of the users who have one of them, trusted or not, with repeats
      def owners(wanted)
        rows = plain(@key.rows, wanted) + odd_rows(@key.rows)
        rows.select { |owner, value| owner && wanted.include?(value) }.map(&:first)
      end

      # @param place [Integer] the number of a tier
      # @param wanted [Array<String>] normalized values
      # @return [Hash{String => Array<String>}] for each value, the existing users who have it in the tier
      def holders(place, wanted)
        rows = plain(owned(place), wanted) + odd(place)
        found = rows.group_by(&:last)
        wanted.select { |value| found.key?(value) }.to_h do |value|
          [value, found[value].map { |owner, _| @schema.text_of_key(owner) }]
        end
      end

      # @param owners [Array<Object>] the primary keys of users
      # @return [Array<String>] their values as they are spelled, trusted or not
      def texts(owners)
        owners = owners.map { |owner| @key.owner_type.cast(@schema.unpadded_key(owner)) }
        cells(@key.rows.where(@key.owner => owners)).filter_map { |_, value| value&.to_s }
      end

      # @param place (see #holders)
      # @param owners [Array<Object>] the keys of users
      # @return [Set<Array(String, String)>] pairs of users and their own values in the tier
      def pairs(place, owners)
        type = @key.owner_type
        # Quotes the keys into the SQL: Rails takes longer over hundreds of parameters than the database does over the
        # rows.
        listed = owners.map { |owner| type.serialize(type.cast(owner)) }
        rows = pluck(trusted(place).where("#{@sql.owner} IN (?)", listed))
        rows.to_set { |owner, value| [@schema.text_of_key(owner), value] }
      end

      # @param places [Array<Integer>] the numbers of tiers
      # @return [Array<String>] the oddly spelled values in these tiers, normalized
      def odd_values(places)
        places.flat_map { |place| odd(place).map(&:last) }
      end

      private

      def trusted(place)
        @key.rows.where(Arel.sql(@key.trust(place)))
      end

      # Leaves out the values of users who do not exist or are outside of the declared scopes, because these claim
      # nothing.
      def owned(place)
        @sql.owned ? trusted(place).where(Arel.sql(@sql.owned)) : trusted(place)
      end

      def odd(place)
        rows, read_at = @odd[place]
        return rows if read_at && clock - read_at < FRESH

        rows = odd_rows(owned(place))
        @odd[place] = [rows, clock]
        rows
      end

      def odd_rows(rows)
        @sql.odd ? pluck(rows.where(Arel.sql(@sql.odd))) : []
      end

      # Asks only for values that the column can hold: a value from a plan file may be anything.
      def plain(rows, wanted)
        known = wanted.select { |value| possible?(value) }
        known = known.map(&:to_i) if @key.native? && @key.kind == :integer
        known = known.flat_map { |id| RecordId.spellings(id) } if @key.lead?
        pluck(rows.where("#{comparable} IN (?)", known))
      end

      def comparable
        @comparable ||= letter_case.usual? ? @sql.comparable : @sql.comparable_in_ascii
      end

      def letter_case
        LetterCase.new(@sql, Database.connection(@key.model))
      end

      # Returns whether the value is in its normal form, and a database can have it: none takes a NUL.
      def possible?(value) = normalize(value) == value && !value.include?("\0")

      def pluck(rows)
        type = @key.model.type_for_attribute(@key.owner)
        cells(rows).map { |owner, value| [unpadded(type.deserialize(owner)), normalize(value)] }
      end

      # Reads the values as they are in the database, as a full run does: the model's type may give another value, or
      # raise an error for the value of some other user.
      def cells(rows)
        owner = table[@key.owner].as("crm_sync_owner")
        selected = rows.select(owner, Arel.sql("#{@sql.value} AS crm_sync_value"))
        Database.connection(rows).select_rows(selected, Database::UNLOGGED)
      end

      def table = @key.model.arel_table

      # Returns the key of a user without the blanks with which the column of the values may pad it.
      def unpadded(owner) = owner_padded? && owner ? @schema.unpad(owner) : owner

      def owner_padded?
        return @owner_padded if defined?(@owner_padded)

        @owner_padded = @schema.pads?(@key.model.columns_hash[@key.owner.to_s])
      end

      def clock
        Process.clock_gettime(Process::CLOCK_MONOTONIC)
      end
    end
    private_constant :ValueSearch
  end
end
