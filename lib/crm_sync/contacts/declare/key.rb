# frozen_string_literal: true

module CrmSync
  module Contacts
    Key = Struct.new(:name, :column, :to, :leads, :as, :evidence, :tiers, :line, keyword_init: true)
    private_constant :Key

    # A value by which users and contacts are matched, as it is declared: that of a column of the model, or those in an
    # association.
    class Key
      # A scope of rows whose values are trusted, of the key with this name.
      Tier = Struct.new(:scope, :contacts, :line, :key)
      # The kinds of keys: they say which spellings are the same value.
      KINDS = %i[email text uuid integer].freeze
      # The kind of the ids of leads, which no declaration names.
      LEAD = :lead
      # The scope of all rows, where the declaration names none.
      ALL = :all

      # @return [Boolean] whether it is a column of the model itself
      def own?
        column.nil?
      end
    end
  end
end
