# frozen_string_literal: true

require_relative "declaration"

module CrmSync
  module Contacts
    # The word that limits how much is read.
    module Reads
      # Declares that a run reads only the rows that changed since the last successful run (see {Running#last_success}).
      # All other rows are kept in private files. From time to time everything is read again, and the changes that the
      # incremental reads missed are counted.
      # @param full_every [ActiveSupport::Duration] the time after which everything is read again
      # @param overlap [ActiveSupport::Duration] the period before the start of the last read in which changes are
      #   looked for again, because a change can become visible late
      # @return [void]
      # @raise [CrmSync::MappingError] when one of them is not a positive duration
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
