# frozen_string_literal: true

require_relative "../../sync/memory"
require_relative "../../sync/missing_reads"

module CrmSync
  module Contacts
    # Remembers, in addition to the sources, in how many reads contacts have been missing.
    class Memory < Internal::Memory
      # @param declaration [CrmSync::Contacts::Declaration]
      # @param host [String] the host of the org
      def initialize(declaration, host)
        super
        @after = declaration.missing&.after || Declaration::Missing::READS
        @missing = MissingReads.new(@state, key("missing"))
      end

      # @param full [Boolean] whether this read is a full one; only full reads count
      # @return [Array<String>, nil] the contacts that have been missing in so many consecutive full reads that this
      #   read, if they are missing again, unlinks their users; +nil+ if a single read is enough
      def missing_before(full:)
        enough = full ? @after - 1 : @after
        last(key("missing")).select { |_, reads| reads >= enough }.keys if patient?
      end

      # @param check [CrmSync::SourceCheck] the sources as they are now
      # @param missing_contacts [Array<String>] the contacts of linked users that are missing now
      # @param full [Boolean] whether everything was read
      # @param read_at [Time] the start of the read
      def keep(check, missing_contacts, full:, read_at:)
        super(check, read_at:) { |now| count(missing_contacts, now.fetch(key("missing"), {}), full:) if patient? }
      end

      private

      def beside = patient? ? [key("missing")] : []

      def count(missing_contacts, known, full:)
        @missing.keep(@missing.with(missing_contacts, full:, known:), known:)
      end

      def patient?
        @after > 1
      end
    end
    private_constant :Memory
  end
end
