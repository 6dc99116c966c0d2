# frozen_string_literal: true

module CrmSync
  module Organizations
    # Counts in Zendesk, for each budget, the organizations that could suffer what it limits. For a new plan the core
    # counts them; a plan from a file is not trusted with these numbers.
    class Populations
      # @param declaration [CrmSync::Organizations::Declaration]
      def initialize(declaration)
        @declaration = declaration
        @organizations = declaration.organizations
        @tags = @organizations.managed_values.map { |tag| tag.to_s.downcase }
      end

      # @return [Hash{Symbol => Integer}]
      # @raise [CrmSync::RemoteError] when the organizations could not be read whole
      def to_h
        managed = with_account = 0
        Zendesk.client(@declaration.instance.name).organizations.each do |row|
          managed += 1 if managed?(row)
          with_account += 1 if key(row).present?
        end
        @declaration.budget_names.to_h { |budget| [budget, budget == :mark ? managed : with_account] }
      end

      private

      def managed?(row)
        field = @organizations.managed_field
        return !RecordId.long(key(row)).nil? unless field

        @tags.include?(row["organization_fields"].to_h[field].to_s.downcase)
      end

      def key(row)
        (@organizations.external? ? row : row["organization_fields"].to_h)[@organizations.key]
      end
    end
    private_constant :Populations
  end
end
