# frozen_string_literal: true

require_relative "../../sync/declaration"

module CrmSync
  module Contacts
    # The parts of a declaration that say what follows a change ({FollowUps}).
    class Declaration < Internal::Declaration
      # The value of a transition that stands for any.
      ANY = Object.new.freeze
      # A block that belongs to a transition.
      Hook = Struct.new(:column, :to, :block, :line)
      # A block that belongs to changes of a contact's id, with the actions that make them.
      LinkHook = Struct.new(:actions, :block, :line)
      # A block that belongs to a batch.
      BatchHook = Struct.new(:block, :line)
      # A field that is written back to the contact, after a transition or, without a column, after a link.
      WriteBack = Struct.new(:field, :with, :column, :to, :line, :overwrite) do
        # @return [Boolean] whether it follows each contact that a record gets
        def link? = column.nil?
      end
    end
  end
end
