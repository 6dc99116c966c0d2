# frozen_string_literal: true

require_relative "declaration"

module CrmSync
  module Contacts
    # The word that says how much is read.
    module Reads
      # Reads only what changed since the last run that left nothing undone; all other rows are kept in private files.
      # Now and then everything is read all the same, and what the incremental reads had missed is counted.
      # @param full_every [ActiveSupport::Duration] after so long everything is read again
      # @param overlap [ActiveSupport::Duration] so far behind the start of the last read changes are looked for:
      #   they can become visible late
      # @return [void]
      # @raise [CrmSync::MappingError] when one of them is no duration
      # @example
      #   incremental full_every: 1.day
      def incremental(full_every:, overlap: 10.minutes)
        { full_every:, overlap: }.each do |name, duration|
          next if duration.is_a?(ActiveSupport::Duration) && duration.positive?

          declaration.refuse(here, "incremental: #{name}: is a duration, such as 1.day")
        end
        declaration.set(:incremental, Declaration::Incremental.new(full_every.to_i, overlap.to_i, here), here)
      end
    end
  end
end
