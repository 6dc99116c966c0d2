# frozen_string_literal: true

require_relative "resolved_key"

module CrmSync
  module Contacts
    # The part of {Schema} that resolves the declared keys against the models.
    module ResolvedKeys
      # @return [Array<ResolvedKey>] the keys from the strongest to the weakest, followed by the stored lead
      def keys
        @keys ||= begin
          first = 0
          declaration.all_keys.map { |key| ResolvedKey.new(self, key, first).tap { first += key.tiers.size } }
        end
      end

      # @param place [Integer] the number of a tier
      # @return [ResolvedKey] the key that the tier belongs to
      def key_of(place)
        (@keys_of_places ||= keys.flat_map { |key| [key] * key.places.size })[place]
      end

      # @return [Array<Symbol>] the associations that hold the values of keys, to be preloaded
      def associations_of_keys = keys.reject(&:own?).map(&:name)
    end
    private_constant :ResolvedKeys
  end
end
