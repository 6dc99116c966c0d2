# frozen_string_literal: true

require_relative "../notices/suggestion"
require_relative "named_constants"

module CrmSync
  # Finds the constants that the blocks of a declaration name and that the app does not define. Without this check, some
  # would be noticed late: hooks may not run for weeks, and reports run only when something else is wrong.
  class BlockCheck
    # @param declaration [CrmSync::Internal::Declaration]
    def initialize(declaration)
      @declaration = declaration
    end

    # @return [Array<Array(String, String)>] for each problem the line of the block, and the message
    def problems
      @declaration.blocks.flat_map do |block|
        NamedConstants.new(block).missing.map do |name|
          [block.source_location.join(":"), "the block names #{name}, which is not there; " \
                                            "#{Suggestion.mend(name, Object.constants)}"]
        end
      end
    end
  end
  private_constant :BlockCheck
end
