# frozen_string_literal: true

require_relative "../../store/preemptible"

module CrmSync
  module Contacts
    # Reads the current records of the users of {Causes}, including those outside of the default scope: the column that
    # was written may have taken them out of it.
    class CausedUsers
      # The number of users that are loaded at once; other threads wait meanwhile.
      SLICE = 100
      private_constant :SLICE

      # @param schema [CrmSync::Contacts::Schema]
      # @param keys [Array<String>] the primary keys of the users, as text
      def initialize(schema, keys)
        @schema = schema
        @users = {}
        read(keys.uniq) if keys.any?
      end

      # @param key [String]
      # @return [ActiveRecord::Base, nil]
      def [](key) = @users[key]

      # @param key [String]
      # @return [Boolean] whether the user is in the default scope and in the declared scopes
      def there?(key) = @there ? @there.include?(key) : @users.key?(key)

      # @param key [String, nil]
      # @param contact [String] the id of a contact
      # @return [String, nil] the id of the user's contact, if it is another one than +contact+
      def elsewhere(key, contact)
        link = @users[key]&.then { |user| @schema.link.of(user) }
        return if link == contact

        id = link && RecordId.same(link.strip)
        id unless id == RecordId.same(contact)
      end

      private

      def read(keys)
        unless @schema.everyone?
          there = @schema.keyed(@schema.users, keys).pluck(@schema.model.primary_key)
          @there = there.to_set { |key| @schema.text_of_key(key) }
        end
        Preemptible.new(keys.each_slice(SLICE)).each { |slice| load(slice) }
      end

      def load(keys)
        found = @schema.link.preloaded(@schema.keyed(@schema.model.unscoped, keys))
        found.preload(@schema.associations_of_keys).each { |user| @users[@schema.text_of_key(user.id)] = user }
      end
    end
    private_constant :CausedUsers
  end
end
