# frozen_string_literal: true

require_relative "declare/declaration"
require_relative "doctor"
require_relative "person_planner"
require_relative "planner"

module CrmSync
  module Contacts
    # The parts of a contact sync: its declaration and its planners.
    module Parts
      # @return [CrmSync::Contacts::Declaration] the declaration so far; that of a subclass starts as a copy of its
      #   superclass's
      def declaration
        @declaration ||= declaration_above&.for_subclass(self) || Declaration.new(self)
      end

      # @param full (see Planner#initialize)
      # @return [Planner]
      # @raise [CrmSync::ConfigurationError] when Active Record is not loaded, or a setting is missing or invalid
      def planner(full: false)
        State.need_active_record(name)
        Planner.new(self, full:)
      end

      # @return [PersonPlanner]
      # @raise [CrmSync::ConfigurationError] when Active Record is not loaded, or a setting is missing or invalid
      def person_planner
        State.need_active_record(name)
        PersonPlanner.new(self)
      end

      # @return [Doctor]
      def examination
        Doctor.new(self)
      end
    end
    private_constant :Parts
  end
end
