# frozen_string_literal: true

module CrmSync
  class Lock
    # Stands for the lock where somebody writes beside a run: for one person, whom nobody should let wait until the run
    # is over. What keeps the two apart are the locks of the rows and of the contacts, which each transaction takes.
    class Beside
      # @param model [Class] whose connection writes
      def initialize(model)
        @model = model
      end

      # @return [Object] tells one lock from another: there is one for each who writes
      def key = self

      # @return [true]
      def take = true

      # @return [true]
      def held?(_session = nil) = true

      # Opens the connection anew where the session has been ended.
      def wake = Database.wake(@model.connection)

      # @return [true]
      def renew
        wake
        true
      end

      # Nobody looks for it.
      def sign(_holder) = nil

      # @return [nil]
      def holder = nil

      # @return [nil]
      def guess = nil

      # Nothing is to be given back.
      def release = nil

      # A forked child has nothing open.
      def forget = nil
    end
  end
end
