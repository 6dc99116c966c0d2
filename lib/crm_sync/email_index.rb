# frozen_string_literal: true

require "monitor"
require_relative "email_index/matches"

module CrmSync
  # An index of who claims which e-mail address: the matching primitive of the contact sync, by itself.
  #
  # An address that two keys claim is contested; keys that claim a contested address match nobody, also not through
  # another address of theirs. The order in which keys are added makes no difference.
  #
  # @example
  #   index = CrmSync::EmailIndex.new
  #   index.add("003A", "ann@b.edu", "ann@home.example")
  #   index.add("003B", "bob@b.edu")
  #   index.match(["ANN@b.edu "]).key # => "003A"
  # @example Many at once, which is several times as fast
  #   index.add_all(*Contact.pluck(:id, :email).transpose)
  #   index.match_all(User.pluck(:email)).keys # the contact of each user, or nil
  class EmailIndex
    # The result of looking addresses up. +outcome+ is +:none+, +:one+, +:several+, +:contested+ or +:closed+; +keys+
    # are the keys that the addresses lead to.
    Match = Struct.new(:outcome, :keys) do
      # @return [Object, nil] the one key to which the addresses lead
      def key
        keys.first if outcome == :one
      end

      # @return [String] without the keys, which can be anything
      def inspect
        "#<#{self.class.name} #{outcome}, #{keys.size} keys>"
      end
    end

    def initialize
      @native = Native::AddressIndex.new
      @keys = []
      @ordinals = ordinals
    end

    # A copy is an index of its own: what is added to one of them is not in the other.
    def initialize_copy(other)
      super
      @native, @keys = @native.copy(@keys)
      @ordinals = @ordinals.dup
    end

    # Notes that +key+ claims these addresses; blanks are not addresses.
    #
    # @param key [Object] anything that can be a Hash key; a String is not copied as a Hash does, and {#match} gives it
    #   as it is by then
    # @param addresses [Array<String, nil>]
    # @return [self]
    # @raise [TypeError] when an address is neither String nor nil; nothing is noted then
    # @raise [FrozenError] when the index is frozen
    # @example
    #   index.add("003A", contact["Email"], contact["Email_alt__c"])
    def add(key, *addresses)
      refuse if frozen?
      @native.add(@keys, @ordinals, key, addresses)
      self
    end

    # Notes of many keys at once what {#add} notes of one. Other threads run meanwhile. The first of them may have been
    # noted after an interrupt, such as a +Timeout+.
    #
    # @param keys [Array<Object>] the same key may come several times
    # @param addresses [Array<String, Array<String, nil>, nil>] for each key its address, or all of its addresses
    # @return [self]
    # @raise [ArgumentError] when there are not as many addresses as keys
    # @raise [TypeError] when an address is neither String nor nil; nothing is noted then
    # @raise [FrozenError] when the index is frozen
    # @example
    #   index.add_all(%w[003A 003B], ["ann@b.edu", ["bob@b.edu", "bob@home.example"]])
    def add_all(keys, addresses)
      refuse if frozen?
      keys = list("keys", keys)
      addresses = list("addresses", addresses)
      unless keys.size == addresses.size
        raise ArgumentError, "#{keys.size} keys and #{addresses.size} addresses; give an address or a list for each key"
      end

      @native.add_all(@keys, @ordinals, keys, addresses, host)
      self
    end

    # @param addresses [Array<String>] the addresses of one person
    # @return [CrmSync::EmailIndex::Match]
    # @raise [TypeError] when an address is neither String nor nil
    # @example
    #   index.match(["ann@b.edu"]).outcome # => :one
    def match(addresses)
      outcome, keys = @native.reach(@keys, addresses)
      Match.new(outcome, keys).freeze
    end

    # Looks the addresses of many people up, each as {#match} does. Other threads run meanwhile.
    #
    # @param addresses [Array<String, Array<String, nil>, nil>] for each person an address, or all addresses
    # @return [CrmSync::EmailIndex::Matches]
    # @raise [TypeError] when an address is neither String nor nil
    # @example
    #   matches = index.match_all(["ANN@b.edu", ["bob@b.edu", nil], "nobody@b.edu"])
    #   matches.keys     # => ["003A", "003B", nil]
    #   matches.outcomes # => [:one, :one, :none]
    def match_all(addresses)
      Matches.new(*@native.reach_all(@keys, list("addresses", addresses), host))
    end

    # @return [Hash{String => Array}] each contested address, normalized, with the keys that claim it
    # @example
    #   index.contested # => { "office@b.edu" => ["003A", "003B"] }
    def contested
      @native.contested.sort.to_h.transform_values { |numbers| numbers.map { |number| @keys[number] } }
    end

    # @return [String] counts only: no address
    def inspect
      "#<#{self.class.name} #{@keys.size} keys, #{@native.contested.size} contested addresses>"
    end

    private

    # Numbers keys that are neither String nor Integer. A key's own +hash+ may let other threads in, or add a key: no
    # two keys get the same number, and none gets two.
    def ordinals
      one_at_a_time = Monitor.new
      last = 0
      Hash.new do |known, key|
        one_at_a_time.synchronize { known.fetch(key) { known[key] = last += 1 } }
      end
    end

    def refuse
      raise FrozenError.new("can't modify frozen #{self.class.name}", receiver: self)
    end

    # A copy, which nobody can change while it is read.
    def list(name, values)
      Array.try_convert(values)&.dup || raise(TypeError, "#{name} must be an Array, not #{values.class}")
    end

    def host
      Host.new(Log.new("CrmSync::EmailIndex"))
    end

    Confidential.cover
  end
end
