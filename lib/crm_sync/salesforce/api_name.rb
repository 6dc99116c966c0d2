# frozen_string_literal: true

module CrmSync
  module Internal
    # The API names of Salesforce's objects and fields, as declarations and queries have them.
    module ApiName
      # @param text [Object]
      # @return [Boolean] whether it is a name of a field or object that may stand in a query
      def self.name?(text)
        text.is_a?(String) && text.match?(/\A[A-Za-z]\w*\z/)
      end

      # @param given [Object]
      # @return [String] the message that it is not a field, with what to do
      def self.no_field(given)
        no_name(given).sub(/ is not a name of Salesforce's/, " is not a field")
      end

      # @param given [Object]
      # @return [String] the message that it is neither a field nor an object, with what to do
      def self.no_name(given)
        mend = given.is_a?(Symbol) ? "write #{given.to_s.inspect}" : "write its API name as text, such as \"Status__c\""
        "#{given.inspect} is not a name of Salesforce's; #{mend}"
      end

      # @param text [Object]
      # @return [Boolean] whether it is a field, also of a parent: +Account.Name+
      def self.path?(text)
        text.is_a?(String) && text.split(".", -1).all? { |part| name?(part) }
      end

      # @param path [String] of a field, such as +Account.Owner.Name+
      # @return [Array<String>] the paths of the parents on the way to it: +Account+, +Account.Owner+
      def self.parents(path)
        *names, _field = path.split(".")
        names.each_index.map { |last| names[0..last].join(".") }
      end

      # @param parent [String] the path of a parent
      # @return [String] the field that names it: AccountId for Account, Owner__c for Owner__r
      def self.reference(parent)
        parent.end_with?("__r") ? "#{parent.delete_suffix("__r")}__c" : "#{parent}Id"
      end
    end
  end
end
