# frozen_string_literal: true

require_relative "../../sync/memory"

module CrmSync
  module Organizations
    # Remembers, besides the counts of the sources, the accounts that have left no trace.
    class Memory < Internal::Memory
      # @param declaration [CrmSync::Organizations::Declaration]
      # @param sides (see CrmSync::Internal::Memory#initialize)
      # @param absence [Absence]
      def initialize(declaration, sides, absence)
        super(declaration, sides)
        @absence = absence
      end

      # @param check (see CrmSync::Internal::Memory#keep)
      # @param read_at (see CrmSync::Internal::Memory#keep)
      def keep(check, read_at:)
        super { @absence.keep }
      end
    end
    private_constant :Memory
  end
end
