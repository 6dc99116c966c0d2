# frozen_string_literal: true

require_relative "declare/declaration"
require_relative "person_planner"
require_relative "planner"

module CrmSync
  module Contacts
    # The parts of a contact sync: its declaration and its planner.
    module Parts
      # @return [CrmSync::Contacts::Declaration] everything that has been declared so far
      def declaration
        @declaration ||= declaration_above&.for_subclass(self) || Declaration.new(self)
      end

      # @param full (see Planner#initialize)
      # @return [Planner]
      # @raise [CrmSync::ConfigurationError]
      def planner(full: false)
        State.need_active_record(name)
        Planner.new(self, full:)
      end

      # @return [PersonPlanner]
      # @raise [CrmSync::ConfigurationError]
      def person_planner
        State.need_active_record(name)
        PersonPlanner.new(self)
      end
    end
    private_constant :Parts
  end
end
