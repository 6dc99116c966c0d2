# frozen_string_literal: true

require_relative "link_place/column"
require_relative "link_place/row"

module CrmSync
  module Contacts
    # The place in which the id of a user's contact is kept: a column of the model, or a row of one of its associations.
    # Each form knows how the id is read, for many users and for one, and how it is written.
    module LinkPlace
      # @param schema [CrmSync::Contacts::Schema]
      # @return [Column, Row] the form that the declaration names
      def self.of(schema)
        (schema.declaration.through ? Row : Column).new(schema)
      end
    end
    private_constant :LinkPlace
  end
end
