# frozen_string_literal: true

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
      @numbers = {}
      @keys = []
    end

    # Notes that +key+ claims these addresses; blanks are no addresses.
    #
    # @param key [Object] anything that can be a Hash key
    # @param addresses [Array<String, nil>]
    # @return [self]
    # @example
    #   index.add("003A", contact["Email"], contact["Email_alt__c"])
    def add(key, *addresses)
      number = @numbers[key] ||= @keys.push(key).size - 1
      addresses.flatten.filter_map { |text| Email.normalize(text) }.each { |address| @native.add(number, address) }
      self
    end

    # @param addresses [Array<String>] the addresses of one person
    # @return [CrmSync::EmailIndex::Match]
    # @example
    #   index.match(["ann@b.edu"]).outcome # => :one
    def match(addresses)
      outcome, numbers = @native.reach(Array(addresses).filter_map { |text| Email.normalize(text) })
      Match.new(outcome, numbers.map { |number| @keys[number] }).freeze
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
  end
end
