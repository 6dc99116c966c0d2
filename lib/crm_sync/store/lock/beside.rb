# frozen_string_literal: true

module CrmSync
  class Lock
    # Stands in for the lock where somebody writes beside a run: for one person, who should not have to wait until the
    # run is over. The two are kept apart by the locks of the rows and of the contacts, which each transaction acquires.
    class Beside
      # @param model [Class] the model whose connection writes
      def initialize(model)
        @model = model
      end

      # @return [Object] identifies the lock: each writer has one of its own
      def key = self

      # @return [true]
      def take = true

      # @return [true]
      def held?(_session = nil) = true

      # @return [false] because it does not belong to a session
      def keeps?(_connection) = false

      # Reopens the connection if its session has ended.
      def wake = Database.wake(Database.connection(@model))

      # @return [true]
      def renew
        wake
        true
      end

      # Does nothing, because nobody looks for this lock.
      def sign(_holder) = nil

      # @return [nil]
      def holder = nil

      # @return [nil]
      def guess = nil

      # Does nothing, because there is nothing to release.
      def release = nil

      # Does nothing, because a forked child has nothing open.
      def forget = nil
    end
  end
end
