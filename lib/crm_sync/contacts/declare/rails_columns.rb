# frozen_string_literal: true

module CrmSync
  module Contacts
    # The columns that Rails itself updates with each save of a record.
    module RailsColumns
      # @param model [Class]
      # @return [Array<String>] the timestamps
      def self.times(model) = model.record_timestamps ? model.timestamp_attributes_for_update_in_model : []

      # @param model [Class]
      # @return [Array<String>] the version that is counted (+lock_version+), if there is one
      def self.version(model) = model.locking_enabled? ? [model.locking_column] : []
    end
    private_constant :RailsColumns
  end
end
