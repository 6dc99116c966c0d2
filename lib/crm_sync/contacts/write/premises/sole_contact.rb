# frozen_string_literal: true

require_relative "../../read/membership"
require_relative "premise"

module CrmSync
  module Contacts
    class Premises
      # The premise that no other record has the contact that a record gets, if a contact may not be shared. A row
      # outside of the declared scopes does not count. The change itself names the contact.
      class SoleContact < Premise
        # @see Premise#columns
        def columns(_written)
          spelled = {}.compare_by_identity
          %w[contact short_contact].each_with_index.map do |name, place|
            column(name, own(link)) { |change| (spelled[change] ||= ids(change))[place] }
          end
        end

        # @see Premise#conditions
        def conditions(_written)
          others = "#{@model.quoted_table_name} WHERE #{Membership.sql(@schema.everybody)}"
          ["NOT EXISTS (SELECT 1 FROM #{others} AND #{own(link)} IN (#{given("contact")}, #{given("short_contact")}) " \
           "AND #{own(@model.primary_key)} <> #{given("key")})"]
        end

        # @see Premise#moved_beside
        def moved_beside(change, facts)
          "the contact is another's by now" if taken?(change, facts)
        end

        # @see Premise#wrote
        def wrote(change, facts)
          id = ids(change).first
          (holders(facts)[folded(id)] ||= []) << key(change) if id
        end

        private

        def link = @schema.link.name

        # Returns the contact's id in both spellings; nothing if the change gives no contact, or if others may have it.
        def ids(change)
          return [] unless @declaration.sharing == :hold && %i[link relink].include?(change.action)

          RecordId.spellings(change.contact_id)
        end

        # Returns whether somebody else has the contact. If it seems so, asks the database again: only the database
        # knows whether its column treats two spellings as equal, and the user who had the contact may have lost it
        # since.
        def taken?(change, facts)
          ids = ids(change)
          others = ids.flat_map { |id| holders(facts).fetch(folded(id), []) } - [key(change)]
          return false if others.all? { |other| giving(facts).include?(other) }

          keys = [change, *facts.together].map(&:key)
          @schema.link.holders(@schema.everybody.where.not(@model.primary_key => keys), ids).any?
        end

        # Returns the users who give up their contacts together with the user who gets this one.
        def giving(facts)
          facts.read(:giving) { facts.together.to_set { |one| key(one) } }
        end

        # Returns the users who have the contacts, by the folded form of the stored link.
        def holders(facts)
          facts.read(:contacts) do |changes|
            ids = changes.flat_map { |change| ids(change) }
            rows = @schema.link.holders(@schema.everybody, ids)
            rows.group_by { |_, id| folded(id) }.transform_values do |found|
              found.map { |key, _| @schema.text_of_key(key) }
            end
          end
        end

        # Folds letter case, which equates too many ids rather than too few: some databases treat ids that differ by
        # case as equal.
        def folded(id) = id.strip.downcase
      end
    end
  end
end
