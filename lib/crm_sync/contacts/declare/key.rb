# frozen_string_literal: true

module CrmSync
  module Contacts
    # A value by which users and contacts are matched, as it is declared: that of a column of the model, or those in an
    # association.
    Key = Struct.new(:name, :column, :to, :leads, :as, :evidence, :tiers, :line, keyword_init: true) do
      # @return [Boolean] whether it is a column of the model itself
      def own?
        column.nil?
      end
    end
    # The kinds of keys: they say which spellings are the same value.
    Key::KINDS = %i[email text uuid integer].freeze
    # A scope of rows whose values are trusted, of the key with this name.
    Key::Tier = Struct.new(:scope, :contacts, :line, :key)
    # The scope of all rows, where the declaration names none.
    Key::ALL = :all
    private_constant :Key
  end
end
