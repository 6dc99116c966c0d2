# frozen_string_literal: true

require_relative "../keep/past_values"
require_relative "restorer"

module CrmSync
  module Contacts
    # The part of an undo that is specific to contact syncs.
    class Undoing
      # @return [CrmSync::SyncHistory] the history of the undo
      attr_reader :history

      # @param schema [CrmSync::Contacts::Schema]
      # @param history [CrmSync::SyncHistory]
      # @param lock [CrmSync::Lock]
      def initialize(schema, history, lock)
        @schema = schema
        @lock = lock
        @history = history
      end

      # @return [Array<Symbol>] the columns that may be written
      def columns
        [@schema.link.name, *@schema.columns]
      end

      # @return [CrmSync::Change]
      def change(_past, **parts)
        CrmSync::Change.new(**parts)
      end

      # @return [Restorer]
      def writer
        @writer ||= Restorer.new(@schema, @history, @lock)
      end

      # @return [String] what an undo leaves as it is, in words
      def stays
        declaration = @schema.declaration
        declared = { "write_back" => declaration.write_backs, "after_link" => declaration.link_hooks,
                     "after_transition" => declaration.hooks }
        words = declared.select { |_, parts| parts.any? }.keys
        followed = "mails that were sent, and what callbacks of #{@schema.model.name} did"
        stays = words.any? ? "what #{words.to_sentence} did (such as a security log), #{followed}" : followed
        [stays, waiting].compact.join(". ")
      end

      private

      # Returns a remark about the write-backs that have not been sent yet; nil if there are none.
      def waiting
        return if @schema.declaration.write_backs.empty?

        name = @schema.declaration.kept_as
        rows = OutboxRow.beside(@schema.model)
        count = rows.where(sync: name).count
        return if count.zero?

        wait = count == 1 ? "waits" : "wait"
        "#{Presentable.counted(count, "write-back")} of this sync still #{wait}, and what was undone is not sent; to " \
          "forget them: #{rows.spelling}.where(sync: #{name.inspect}).delete_all"
      end
    end
    private_constant :Undoing
  end
end
