# frozen_string_literal: true

module CrmSync
  # In how many rows a field has a value that the declaration, or the field's own options, do not know.
  module UnknownValues
    # The core names the field in the message only; the value stands before it, and may be anything.
    FIELD = {
      unknown_value: /\A(?:the declaration does not say what .* means for )?(\S+)(?:;| cannot hold )/m,
      unfit_value: /\A(\S+) cannot hold /,
      unknown_option: /\A(\S+) has no option /
    }.freeze
    private_constant :FIELD

    # @param issues [Array<CrmSync::Issue>]
    # @return [Hash{String => Integer}] by column or field
    def self.count(issues)
      found = issues.select { |issue| FIELD.key?(issue.kind) }
      by_field = found.group_by { |issue| issue.message[FIELD[issue.kind], 1] }
      by_field.transform_values { |about| about.flat_map { |issue| issue.contacts + issue.accounts }.uniq.size }
    end
  end
  private_constant :UnknownValues
end
