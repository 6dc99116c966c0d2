# frozen_string_literal: true

module CrmSync
  module Contacts
    # Checks whether the integration user may write the fields that are written back. Otherwise the first write-back
    # would tell, after the user is linked.
    class WriteBackCheck
      # @param declaration [CrmSync::Contacts::Declaration]
      # @param fields [CrmSync::Internal::DescribedFields]
      def initialize(declaration, fields)
        @declaration = declaration
        @fields = fields
      end

      # @return [String] what is fine
      # @raise [CrmSync::MappingError] when a field does not exist, or may not be changed
      # @raise [CrmSync::RemoteError] when the org does not describe the contacts
      def run
        @declaration.refuse_all(problems)
        "the integration user may write #{@declaration.write_backs.map(&:field).uniq.join(", ")}"
      end

      private

      def problems
        @declaration.write_backs.filter_map do |write_back|
          problem = problem(write_back.field)
          [write_back.line, "write_back: #{problem}"] if problem
        end
      end

      def problem(name)
        unseen = @fields.unseen(object, name)
        return unseen if unseen || @fields.find(object, name).updateable?

        "the integration user may not change #{object}.#{name}; give it the permission"
      end

      def object = @declaration.contacts.object
    end
    private_constant :WriteBackCheck
  end
end
