# frozen_string_literal: true

module CrmSync
  module Contacts
    # The fields of objects, as the org describes them to the integration user. A description is large, so each is
    # requested once.
    class DescribedFields
      # @param client [CrmSync::Salesforce::Client]
      def initialize(client)
        @objects = Hash.new { |known, object| known[object] = client.describe(object) }
      end

      # @param object [String]
      # @param name [String] in any letter case, which does not matter in Salesforce
      # @return [CrmSync::Salesforce::Field, nil]
      # @raise [CrmSync::RemoteError] when the org does not describe the object
      def find(object, name) = @objects[object].values.find { |field| field.name.casecmp?(name) }

      # @param object [String]
      # @return [Array<String>] the names of all fields
      # @raise (see #find)
      def names(object) = @objects[object].keys
    end
    private_constant :DescribedFields
  end
end
