# frozen_string_literal: true

require_relative "../notices/suggestion"
require_relative "api_name"

module CrmSync
  module Internal
    # The fields of objects, as the org describes them to the integration user. A description is large, so each is
    # requested once.
    class DescribedFields
      # The HTTP statuses with which the org refuses a description.
      UNDESCRIBED = [400, 403, 404].freeze

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
      # @param name (see #find)
      # @return [String, nil] the problem, with the correction, if the integration user does not see the field
      # @raise (see #find)
      def unseen(object, name)
        return if find(object, name)

        "the integration user sees no #{object}.#{name}; #{Suggestion.mend(name, @objects[object].keys)}"
      end

      # Finds the fields that are not there. The fields of parents are left to the query.
      # @param object (see #unseen)
      # @param paths [Array<Array(String, String)>] the fields, each with the line on which it is declared
      # @return [Array<Array(String, String)>] for each of them that is not there the line, and a message with the
      #   correction
      # @raise (see #find)
      def missing(object, paths)
        own = paths.uniq.select { |path, _| ApiName.name?(path) }
        own.map { |name, line| [line, unseen(object, name)] }.select(&:last)
      end
    end
  end
end
