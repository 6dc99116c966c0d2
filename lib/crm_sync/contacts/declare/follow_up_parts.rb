# frozen_string_literal: true

require_relative "../../sync/declaration"

module CrmSync
  module Contacts
    # The parts of a declaration that say what follows a change (see {FollowUps}).
    class Declaration < Internal::Declaration
      # Stands for any value in a transition.
      ANY = Object.new.freeze
      # Represents a block that runs with a transition.
      Hook = Struct.new(:column, :to, :block, :line)
      # Represents a block that runs when a contact's id changes, with the actions that change it.
      LinkHook = Struct.new(:actions, :block, :line)
      # Represents a block that runs for a batch.
      BatchHook = Struct.new(:block, :line)
      # Represents a field that is written back to the contact, after a transition or, if there is no column, after a
      # link.
      WriteBack = Struct.new(:field, :with, :column, :to, :line, :overwrite) do
        # @return [Boolean] whether the write-back follows each link and relink
        def link? = column.nil?
      end
    end
  end
end
