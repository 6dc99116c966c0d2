# frozen_string_literal: true

require "time"
require_relative "../clock_check"

module CrmSync
  module Contacts
    # What a contact sync remembers of its last runs. It belongs to one org: another one, or a simulator, is another
    # story.
    # @api private
    class Memory
      def initialize(declaration, host)
        @after = declaration.missing&.after || Declaration::Missing::READS
        @host = host
        @state = State.of(declaration)
      end

      # @return [Hash{String => Hash}] what the sources looked like
      def sources
        @state.read(key("sources"))
      end

      # @param full [Boolean] whether everything is read this time, which counts
      # @return [Array<String>, nil] the contacts that were missing in so many full reads in a row that this read
      #   unlinks their users; +nil+ where the first one does
      def missing_before(full:)
        enough = full ? @after - 1 : @after
        missing.select { |_, reads| reads >= enough }.keys if patient?
      end

      # Keeps what a read found, unless a newer one has been kept: a plan may be applied long after it was made.
      #
      # @param check [CrmSync::SourceCheck] of the sources as they are now
      # @param missing_contacts [Array<String>] contacts that linked users miss now
      # @param full [Boolean] whether everything was read
      # @param read_at [Time] when that began
      def keep(check, missing_contacts, full:, read_at:)
        return if newer_than?(read_at)

        @state.write(key("read"), "began_at" => read_at.utc.iso8601(6))
        @state.write(key("sources"), check.to_h)
        clock.keep
        @state.write(key("missing"), counted(missing_contacts, full)) if patient?
      end

      # @param check [CrmSync::SourceCheck] of the sources as they are now
      # @return [Array<CrmSync::Issue>] what looks other than last time, and blocks nothing
      def drift(check)
        check.drift + clock.issues
      end

      # @return [CrmSync::SpendingBook] what was spent of the budgets
      def spending
        SpendingBook.new(@state, @host)
      end

      private

      def clock
        @clock ||= ClockCheck.new(@state)
      end

      # What lies in the future was kept by a clock that was wrong, and does not count until then.
      def newer_than?(read_at)
        text = @state.read(key("read"))["began_at"] or return false
        kept = Time.iso8601(text)
        kept > read_at && kept <= Time.now
      end

      # Another read counts only if it was a full one; who is back starts anew after either.
      def counted(missing_contacts, full)
        return missing.slice(*missing_contacts) unless full

        missing_contacts.to_h { |id| [id, missing.fetch(id, 0) + 1] }
      end

      def patient?
        @after > 1
      end

      def missing
        @state.read(key("missing"))
      end

      def key(name)
        "#{name} of #{@host}"
      end
    end
  end
end
