# frozen_string_literal: true

module CrmSync
  module Internal
    # Checks and converts the API names of Salesforce objects and fields in declarations and queries.
    module ApiName
      # @param text [Object]
      # @return [Boolean] whether it is the name of a field or object, and safe in a query
      def self.name?(text)
        text.is_a?(String) && text.match?(/\A[A-Za-z]\w*\z/)
      end

      # @param given [Object]
      # @return [String] the message that it is not a field, with the correction
      def self.no_field(given)
        no_name(given).sub(/ is not a name of Salesforce's/, " is not a field")
      end

      # @param given [Object]
      # @return [String] the message that it is neither a field nor an object, with the correction
      def self.no_name(given)
        mend = given.is_a?(Symbol) ? "write #{given.to_s.inspect}" : "write its API name as text, such as \"Status__c\""
        "#{given.inspect} is not a name of Salesforce's; #{mend}"
      end

      # @param text [Object]
      # @return [Boolean] whether it is a field, of the object itself or of a parent, as in +Account.Name+
      def self.path?(text)
        text.is_a?(String) && text.split(".", -1).all? { |part| name?(part) }
      end

      # @param path [String] the path of a field, such as +Account.Owner.Name+
      # @return [Array<String>] the paths of the parents that it contains: +Account+, +Account.Owner+
      def self.parents(path)
        *names, _field = path.split(".")
        names.each_index.map { |last| names[0..last].join(".") }
      end

      # @param parent [String] the path of a parent
      # @return [String] the field that refers to it: AccountId for Account, Owner__c for Owner__r
      def self.reference(parent)
        parent.end_with?("__r") ? "#{parent.delete_suffix("__r")}__c" : "#{parent}Id"
      end
    end
  end
end
