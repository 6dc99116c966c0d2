# frozen_string_literal: true

require_relative "../../sync/memory"

module CrmSync
  module Contacts
    # Remembers also how often contacts have been missing.
    class Memory < CrmSync::Memory
      # @param declaration [CrmSync::Contacts::Declaration]
      # @param host [String] of the org
      def initialize(declaration, host)
        super
        @after = declaration.missing&.after || Declaration::Missing::READS
      end

      # @param full [Boolean] whether everything is read this time, which counts
      # @return [Array<String>, nil] the contacts that were missing in so many full reads in a row that this read
      #   unlinks their users; +nil+ where the first one does
      def missing_before(full:)
        enough = full ? @after - 1 : @after
        missing.select { |_, reads| reads >= enough }.keys if patient?
      end

      # @param check [CrmSync::SourceCheck] of the sources as they are now
      # @param missing_contacts [Array<String>] contacts that linked users miss now
      # @param full [Boolean] whether everything was read
      # @param read_at [Time] when that began
      def keep(check, missing_contacts, full:, read_at:)
        super(check, read_at:) { @state.write(key("missing"), counted(missing_contacts, full)) if patient? }
      end

      private

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
    end
    private_constant :Memory
  end
end
