# frozen_string_literal: true

require_relative "declaration"

module CrmSync
  module Contacts
    # The words that declare what follows a change: blocks of the app, and writes to the contact.
    module FollowUps
      # Declares a block that runs when a column changes, after the write and in the same transaction. With
      # +write :set_based+ the record is loaded after the write, so its +saved_changes+ are empty; use +change+ instead.
      # @param column [Symbol] the column of the model
      # @param to [Object] the new value of the column; without it, the block runs for any change of the column
      # @yieldparam record [ActiveRecord::Base] the saved record
      # @yieldparam change [CrmSync::Change]
      # @return [void]
      # @raise [CrmSync::MappingError] when there is no block, or it cannot take these arguments
      # @example
      #   after_transition :faculty_status, to: :confirmed_faculty do |user, change|
      #     SecurityLog.create!(user: user, event_type: :faculty_verified, event_data: change.audit)
      #   end
      # @example
      #   after_transition(:faculty_status) { |user, change| user.log!(change.before, change.after) }
      def after_transition(column, to: Declaration::ANY, &block)
        block_for("after_transition", block, "the record", "the change")
        column = symbol(column, "after_transition names a column")
        declaration.hooks << Declaration::Hook.new(column, to, block, here)
      end

      # Declares a block that runs when a record is linked to another contact, or loses its contact. It runs in the
      # transaction of the write, before the blocks of {#after_transition}; what is said there about +write :set_based+
      # applies here too.
      # @param on [:link, :unlink] +:link+ for links and relinks, including relinks that follow a merge; +:unlink+ for
      #   unlinks
      # @yieldparam record [ActiveRecord::Base] the saved record
      # @yieldparam change [CrmSync::Contacts::Change] the change; its +ids+ has the contact's id before and after
      # @return [void]
      # @raise [CrmSync::MappingError] when +on+ is something else, there is no block, or it cannot take these arguments
      # @example
      #   after_link { |user, change| SecurityLog.create!(user: user, event_type: :linked, event_data: change.ids) }
      def after_link(on: :link, &block)
        block_for("after_link", block, "the record", "the change")
        actions = { link: %i[link relink], unlink: %i[unlink] }[on]
        declaration.refuse(here, "after_link on: is :link or :unlink") unless actions
        declaration.link_hooks << Declaration::LinkHook.new(actions, block, here)
      end

      # Declares a field of the contact that is written back after a transition or a link. The write-back is recorded in
      # the transaction of the change and sent to Salesforce afterwards. Later runs send it again until it works, or is
      # given up after {OutboxRow::ATTEMPTS} failed attempts. A nil is not sent. Changes that cause a write-back count
      # against the budget +effects+.
      # @param field [String] the field of the contact
      # @param with [Symbol] the method of the record that returns the value
      # @param on [Hash{Symbol => Object}, :link] a column and its new value, for a transition; or +:link+, for each
      #   contact that a record gets by a link or a relink
      # @param overwrite [Boolean] if false, the field is written only if the contact has no value in it at the time of
      #   sending
      # @return [void]
      # @raise [CrmSync::MappingError] when +field+ or +on+ is not valid, or +overwrite+ is neither true nor false
      # @example
      #   write_back "SendFacultyVerificationTo__c", with: :guessed_preferred_confirmed_email,
      #              on: { faculty_status: :confirmed_faculty }
      # @example
      #   write_back "Forum_Name__c", with: :username, on: :link, overwrite: false
      def write_back(field, with:, on:, overwrite: true)
        declaration.refuse(here, Internal::ApiName.no_field(field)) unless Internal::ApiName.name?(field)
        right = on == :link || (on.is_a?(Hash) && on.one?)
        declaration.refuse(here, "on: names one column and its value, or is :link") unless right
        right = [true, false].include?(overwrite)
        declaration.refuse(here, "write_back: overwrite: is true or false") unless right
        with = symbol(with, "with: names a method of the model")
        column, to = on == :link ? nil : assignments(on, here).first
        declaration.write_backs << Declaration::WriteBack.new(field, with, column, to, here, overwrite)
      end
    end
  end
end
