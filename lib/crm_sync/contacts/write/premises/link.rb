# frozen_string_literal: true

require_relative "premise"

module CrmSync
  module Contacts
    class Premises
      # The premise that the record has the contact that it had, or still has none.
      class Link < Premise
        # (see Premise::VALUES)
        VALUES = %i[link].freeze
        # (see Premise::FORM)
        FORM = { "link" => KeptForm::Maybe.new(KeptForm::TEXT) }.freeze

        # @see Premise#columns
        def columns(_written)
          [column("link", own(name)) { |change| @schema.serialize(name, change.basis.link) }]
        end

        # @see Premise#conditions
        def conditions(_written) = [same(own(name), given("link"))]

        # @see Premise#moved
        def moved(change, found, _facts)
          "its contact is another one" unless same?(name, found.link, change.basis.link)
        end

        # @see Premise#dump
        def dump(basis) = { "link" => basis.link }

        # @see Premise#load
        def load(kept, _stale) = { link: kept["link"] }

        private

        def name = @schema.link.name
      end
    end
  end
end
