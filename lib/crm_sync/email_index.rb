# frozen_string_literal: true

require "monitor"
require_relative "email_index/matches"

module CrmSync
  # Represents an index of e-mail addresses and the keys that claim them. It is the matching of the contact sync, usable
  # on its own.
  #
  # An address that two keys claim is contested. A key that claims a contested address matches nobody, not even by
  # another of its addresses. The order in which keys are added makes no difference.
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
    # Represents the result of looking up the addresses of one person. +outcome+ is +:none+, +:one+ (a single key, which
    # may be linked), +:several+ (several keys, but no contested address), +:contested+ (a contested address) or
    # +:closed+ (a single key that claims a contested address elsewhere). +keys+ has the keys to which the addresses
    # lead.
    Match = Struct.new(:outcome, :keys) do
      # @return [Object, nil] the key to which the addresses lead if the outcome is +:one+, otherwise nil
      def key
        keys.first if outcome == :one
      end

      # @return [String] the outcome and the number of keys; the keys can be anything, so they are not shown
      def inspect
        "#<#{self.class.name} #{outcome}, #{keys.size} keys>"
      end
    end

    def initialize
      @native = Native::AddressIndex.new
      @keys = []
      @ordinals = ordinals
    end

    # Makes the copy independent of the original: a key that is added to one of them is not in the other.
    def initialize_copy(other)
      super
      @native, @keys = @native.copy(@keys)
      @ordinals = @ordinals.dup
    end

    # Records that +key+ claims the given addresses. Blank texts are not addresses and are ignored.
    #
    # @param key [Object] any object that can be a key of a Hash. Unlike a Hash, the index does not copy a String;
    #   {#match} returns the same object, with any changes made to it since
    # @param addresses [Array<String, nil>]
    # @return [self]
    # @raise [TypeError] when an address is neither a String nor nil; nothing is recorded then
    # @raise [FrozenError] when the index is frozen
    # @example
    #   index.add("003A", contact["Email"], contact["Email_alt__c"])
    def add(key, *addresses)
      refuse if frozen?
      @native.add(@keys, @ordinals, key, addresses)
      self
    end

    # Records the claims of many keys at once, each as {#add} does. Other threads can run meanwhile. If an interrupt
    # such as +Timeout+ ends the call, the claims of the first keys may have been recorded.
    #
    # @param keys [Array<Object>] the keys; the same key may be given several times
    # @param addresses [Array<String, Array<String, nil>, nil>] for each key, its address or an array of its addresses
    # @return [self]
    # @raise [ArgumentError] when the two arrays differ in size
    # @raise [TypeError] when an address is neither a String nor nil; nothing is recorded then
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

    # Looks up the addresses of one person.
    #
    # @param addresses [Array<String, nil>] the addresses of one person
    # @return [CrmSync::EmailIndex::Match]
    # @raise [TypeError] when an address is neither a String nor nil
    # @example
    #   index.match(["ann@b.edu"]).outcome # => :one
    def match(addresses)
      outcome, keys = @native.reach(@keys, addresses)
      Match.new(outcome, keys).freeze
    end

    # Looks up the addresses of many people at once, each as {#match} does. Other threads can run meanwhile.
    #
    # @param addresses [Array<String, Array<String, nil>, nil>] for each person, an address or an array of addresses
    # @return [CrmSync::EmailIndex::Matches]
    # @raise [TypeError] when an address is neither a String nor nil
    # @example
    #   matches = index.match_all(["ANN@b.edu", ["bob@b.edu", nil], "nobody@b.edu"])
    #   matches.keys     # => ["003A", "003B", nil]
    #   matches.outcomes # => [:one, :one, :none]
    def match_all(addresses)
      Matches.new(*@native.reach_all(@keys, list("addresses", addresses), host))
    end

    # @return [Hash{String => Array}] each contested address in its normal form, with the keys that claim it
    # @example
    #   index.contested # => { "office@b.edu" => ["003A", "003B"] }
    def contested
      @native.contested.sort.to_h.transform_values { |numbers| numbers.map { |number| @keys[number] } }
    end

    # @return [String] the counts only, without any address
    def inspect
      "#<#{self.class.name} #{@keys.size} keys, #{@native.contested.size} contested addresses>"
    end

    private

    # Builds a Hash that numbers the keys which the core does not compare itself: all but Strings in UTF-8 and Integers
    # of 64 bits. A key's own +hash+ method can let other threads run, or add a key; the lock ensures that no two keys
    # get the same number and that no key gets two.
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

    # Returns a copy of the array, so that the caller cannot change it while it is read.
    def list(name, values)
      Array.try_convert(values)&.dup || raise(TypeError, "#{name} must be an Array, not #{values.class}")
    end

    def host
      Host.new(Log.new("CrmSync::EmailIndex"))
    end

    Confidential.cover
  end
end
