# frozen_string_literal: true

module CrmSync
  module Contacts
    Key = Struct.new(:name, :column, :to, :leads, :as, :evidence, :tiers, :line, keyword_init: true)
    private_constant :Key

    # Represents a declared key: a value by which users and contacts are matched. The value is in a column of the model,
    # or in the rows of an association.
    class Key
      # Represents a scope of rows whose values are trusted. +key+ is the name of its key.
      Tier = Struct.new(:scope, :contacts, :line, :key)
      # The kinds of keys, which determine the spellings that count as the same value.
      KINDS = %i[email text uuid integer].freeze
      # The kind of a key of stored lead ids, which no declaration names.
      LEAD = :lead
      # The scope of all rows, for a key whose declaration names no scope.
      ALL = :all

      # @return [Boolean] whether the value is in a column of the model itself
      def own?
        column.nil?
      end
    end
  end
end
