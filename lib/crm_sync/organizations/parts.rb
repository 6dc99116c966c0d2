# frozen_string_literal: true

require_relative "declare/declaration"
require_relative "doctor"
require_relative "planner"
require_relative "stages/stages"

module CrmSync
  module Organizations
    # The parts of an organization sync: its declaration, its planner and its stages.
    module Parts
      # @return [CrmSync::Organizations::Declaration] everything that has been declared so far
      def declaration
        @declaration ||= declaration_above&.for_subclass(self) || Declaration.new(self)
      end

      # @return [Planner]
      def planner
        Planner.new(self)
      end

      # @return [Doctor]
      def examination
        Doctor.new(self)
      end

      # @param dir (see Stages#initialize)
      # @return [Stages]
      def stages(dir)
        Stages.new(self, dir)
      end
    end
    private_constant :Parts
  end
end
