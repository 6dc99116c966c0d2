# frozen_string_literal: true

module CrmSync
  # Counts the rows of each field whose value is not known to the declaration or to the options of the field itself.
  module UnknownValues
    KINDS = %i[unknown_value unfit_value unknown_option unmanaged_value].freeze
    private_constant :KINDS

    # @param issues [Array<CrmSync::Issue>]
    # @return [Hash{String => Integer}] by column or field
    def self.count(issues)
      found = issues.select { |issue| KINDS.include?(issue.kind) }
      found.group_by(&:field).transform_values do |about|
        about.flat_map { |issue| issue.contacts + issue.accounts }.uniq.size
      end
    end
  end
  private_constant :UnknownValues
end
