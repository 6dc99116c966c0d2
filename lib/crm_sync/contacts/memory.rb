# frozen_string_literal: true

module CrmSync
  module Contacts
    # What a contact sync remembers of its last runs. It belongs to one org: another one, or a simulator, is another
    # story.
    # @api private
    class Memory
      def initialize(declaration, host)
        @after = declaration.missing&.after || 1
        @host = host
        @state = State.for(declaration.name)
      end

      # @return [Hash{String => Hash}] what the sources looked like
      def sources
        @state.read(key("sources"))
      end

      # @return [Array<String>, nil] the contacts that were missing in so many full reads in a row that one more unlinks
      #   their users; +nil+ where the first one does
      def missing_before
        missing.select { |_, reads| reads >= @after - 1 }.keys if patient?
      end

      # @param check [CrmSync::SourceCheck] of the sources as they are now
      # @param missing_contacts [Array<String>] contacts that linked users miss now
      def keep(check, missing_contacts)
        @state.write(key("sources"), check.to_h)
        @state.write(key("missing"), missing_contacts.to_h { |id| [id, missing.fetch(id, 0) + 1] }) if patient?
      end

      private

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
