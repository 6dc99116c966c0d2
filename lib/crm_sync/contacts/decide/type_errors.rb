# frozen_string_literal: true

require_relative "../write/outcome"

module CrmSync
  module Contacts
    # Tells apart the errors that the types of a model's attributes raise. A type can be the app's own, and what the app
    # declares by +normalizes+ or +encrypts+ is a part of it, so that it can raise anything for a value that it does not
    # know.
    module TypeErrors
      # @param error [StandardError] an error that was raised while a value was converted
      # @return [Boolean] whether it can be about this value only. A deadline, an error of the database, and an
      #   encryption without keys cannot be, because each value would meet them
      def self.of_value?(error)
        return false if Outcome.deadline?(error) || error.is_a?(CrmSync::Error) || unconfigured?(error)

        !error.is_a?(ActiveRecord::ActiveRecordError) || error.is_a?(ActiveRecord::SerializationTypeMismatch)
      end

      # Rails has the encryption since 7.0.
      def self.unconfigured?(error)
        defined?(ActiveRecord::Encryption) && error.is_a?(ActiveRecord::Encryption::Errors::Configuration)
      end
      private_class_method :unconfigured?
    end
    private_constant :TypeErrors
  end
end
