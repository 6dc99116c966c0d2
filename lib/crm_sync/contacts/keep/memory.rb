# frozen_string_literal: true

require_relative "../../sync/memory"

module CrmSync
  module Contacts
    # Remembers, beside the sources, how often contacts have been missing.
    class Memory < CrmSync::Memory
      # @param declaration [CrmSync::Contacts::Declaration]
      # @param host [String] of the org
      def initialize(declaration, host)
        super
        @after = declaration.missing&.after || Declaration::Missing::READS
      end

      # @param full [Boolean] whether this read is a full one, which counts
      # @return [Array<String>, nil] the contacts that were missing in so many full reads in a row that this read
      #   unlinks their users; +nil+ if a single read is enough
      def missing_before(full:)
        enough = full ? @after - 1 : @after
        missing.select { |_, reads| reads >= enough }.keys if patient?
      end

      # @param check [CrmSync::SourceCheck] the sources as they are now
      # @param missing_contacts [Array<String>] contacts that linked users miss now
      # @param full [Boolean] whether everything was read
      # @param read_at [Time] the start of the read
      def keep(check, missing_contacts, full:, read_at:)
        super(check, read_at:) { @state.write(key("missing"), counted(missing_contacts, full)) if patient? }
      end

      private

      # Counts a read only if it was a full one; a contact that is back starts anew after any read.
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
    end
    private_constant :Memory
  end
end
