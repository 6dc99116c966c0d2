# frozen_string_literal: true

module CrmSync
  module Organizations
    # Counts in Zendesk, for each budget, the organizations that could suffer what it limits. For a new plan the core
    # counts them; a plan from a file is not trusted with these numbers.
    class Populations
      # @param declaration [CrmSync::Organizations::Declaration]
      def initialize(declaration)
        @declaration = declaration
        @key, @field = declaration.organizations.to_h.values_at(:key, :managed_field).map(&:to_s)
        @tags = declaration.organizations.managed_values.map { |tag| tag.to_s.downcase }
      end

      # @return [Hash{Symbol => Integer}]
      # @raise [CrmSync::RemoteError] when the organizations could not be read whole
      def to_h
        managed = with_account = 0
        Zendesk.client(@declaration.instance.name).organizations.each do |row|
          fields = row["organization_fields"].to_h
          managed += 1 if @tags.include?(fields[@field].to_s.downcase)
          with_account += 1 if fields[@key].present?
        end
        @declaration.budget_names.to_h { |budget| [budget, budget == :mark ? managed : with_account] }
      end
    end
    private_constant :Populations
  end
end
