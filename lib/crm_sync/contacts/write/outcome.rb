# frozen_string_literal: true

require_relative "../../sync/interruption"
require_relative "../../sync/outcome"

module CrmSync
  module Contacts
    # Collects what becomes of the changes, and what the host has put back.
    class Outcome < Internal::Outcome
      # The errors of the drivers that every other record would meet as well.
      EVERYBODYS = %w[PG::DiskFull PG::IoError PG::ReadOnlySqlTransaction SQLite3::FullException SQLite3::IOException
                      SQLite3::ReadOnlyException SQLite3::CorruptException].freeze
      private_constant :EVERYBODYS

      # @return [Hash{CrmSync::Change => Hash{Symbol => String}}] the columns that the host put back, and who put them
      #   back
      attr_reader :refused

      # @param connection [ActiveRecord::ConnectionAdapters::AbstractAdapter] the connection that writes the changes
      def initialize(connection)
        super()
        @connection = connection
        @refused = {}
        @unmade = []
        @told = []
        committing(nil, [])
      end

      # Runs the block, which writes changes. If it is interrupted, logs what is stored.
      # @param sync_name [String]
      # @param changes [Array<CrmSync::Change>]
      # @return [Object] the result of the block
      def watch(sync_name, changes, &)
        told = { applied: -> { stored_size }, others: ->(left) { rest(left) } }
        Interruption.watch(sync_name, planned: changes.size, **told, &)
      end

      # Notes the changes that a transaction is about to commit, because an interrupt may come before they are settled.
      # @param transaction [ActiveRecord::ConnectionAdapters::Transaction]
      # @param changes [Array<CrmSync::Change>] as they were stored
      def committing(transaction, changes)
        @committing = [transaction, changes]
      end

      # Notes that all changes have been tried.
      # @return [void]
      def tried
        @tried = true
      end

      # @param change [CrmSync::Change] a change of which the host has put columns back
      # @param columns [Hash{Symbol => ReadBack::Found}] the columns that it put back
      # @param rest [CrmSync::Change, nil] the part of the change that is written all the same
      def put_back(change, columns, rest)
        @refused[change] = columns.transform_values(&:by)
        @unmade << change unless rest
      end

      # @param issues [Array<CrmSync::Issue>] issues that came up during the write
      def tell(issues)
        @told.concat(issues)
      end

      # @param key [Object, nil] the key of the record that the error concerns
      # @param error [StandardError]
      def failed(key, error)
        @errors << Run::Failure.new(key, error.class.name, text(error))
      end

      # @param error [StandardError] an error in spite of which changes were applied
      # @param beside [String] the remark about them
      def failed_beside(error, beside)
        @errors << Run::Failure.new(nil, error.class.name, "#{text(error)}; #{beside}")
      end

      # Returns whether an error can be the error of a single record. A lost lock and a deadline cannot be, and without
      # a connection or with a full disk nothing else can be written either.
      #
      # @param error [StandardError]
      # @return [Boolean]
      def tolerable?(error)
        !Outcome.deadline?(error) && !error.is_a?(Lock::Lost) && !EVERYBODYS.include?(error.cause.class.name) &&
          @connection.active?
      end

      # @return [Hash{Symbol => Object}] in addition, the changes that were +put_back+ entirely, and the issues that
      #   came up (+told+)
      def to_h
        { **super, put_back: @unmade, told: @told }
      end

      private

      # Returns the number of changes that are stored, settled or not.
      def stored_size
        transaction, changes = @committing
        [*applied, *(changes if transaction&.state&.committed?)].uniq(&:__id__).size
      end

      # Returns the remark about the changes that are not stored.
      def rest(left)
        return "all have been tried; write-backs that were not sent wait for the next run" if @tried

        transaction, changes = @committing
        return ("the others were not written" if left.positive?) if transaction.nil? || transaction.state.completed?

        "of #{Presentable.counted(changes.size, "change")} more it is not known, because the database gave no answer " \
          "to their COMMIT; the others were not written"
      end

      def text(error)
        return [Presentable.error(error), place(error)].compact.join(", in ") unless Database.locked?(error)

        "somebody else keeps its row, or one that belongs to it, locked; that is not waited for any longer, and the " \
          "next run tries again"
      end

      # Returns the line of the app that raised an error, in which a mistake of a hook or callback can be found. A
      # validation or a statement that fails says itself what is wrong.
      def place(error)
        return if error.is_a?(ActiveRecord::ActiveRecordError) || error.is_a?(CrmSync::Error)
        return unless defined?(Rails) && Rails.respond_to?(:backtrace_cleaner)

        Rails.backtrace_cleaner.clean(error.backtrace.to_a).first
      end
    end
    private_constant :Outcome
  end
end
