# frozen_string_literal: true

require "delegate"

module CrmSync
  module Database
    # Stands for a record in a transaction of several, so that what its callbacks raise after the commit is kept apart:
    # Rails would not run those of any other record any more. It is not the record's own methods that are changed,
    # because a host may keep the record, and may write it into a cache.
    #
    # Of several objects that stand for one row, Rails calls one only. Where a transaction is guarded part by part, it
    # calls one in each part, as it would if each were a transaction: the others do not know what this one has changed.
    class CommitCallback < SimpleDelegator
      # Puts them in the place of all that Rails will call after the commit: records, and from Rails 7.2 on blocks. What
      # has been added since the last call is a part. A transaction in one of the host's calls nothing: it leaves them
      # to that one, and so are their errors.
      #
      # @param transaction [ActiveRecord::ConnectionAdapters::Transaction]
      # @yieldparam error [StandardError] is raised on where the block raises it
      # @return [void]
      def self.guard(transaction, &failed)
        return unless transaction.instance_variable_get(:@run_commit_callbacks)

        part = Object.new
        [transaction.records, transaction.instance_variable_get(:@callbacks)].compact.each do |called|
          guarded = called.rindex { |one| one.is_a?(self) }
          added = called.slice!((guarded ? guarded + 1 : 0)..)
          called.concat(added.uniq(&:__id__).map { |one| new(one, called, part, failed) })
        end
      end

      # @return [Object] the part of the transaction that it is in
      attr_reader :part

      # @param called [ActiveRecord::Base, Object] the record or block
      # @param all [Array<Object>] all that Rails will call, of which it is one
      # @param part [Object] the part of the transaction that it is in
      # @param failed [Proc] hears of errors
      def initialize(called, all, part, failed)
        super(called)
        @all = all
        @part = part
        @failed = failed
      end

      # Tells Rails which of them are the same record.
      # @return [Boolean]
      def eql?(other)
        return super unless other.is_a?(CommitCallback)

        part.equal?(other.part) && __getobj__.eql?(other.__getobj__)
      end

      # @return [Class] the record's, of which Rails asks for settings
      def class = __getobj__.class

      # Runs the callbacks of a record before the commit. A touch that has waited until then adds the record once more,
      # which Rails 7.1 and newer would call, too.
      def before_committed!
        before = @all.size
        __getobj__.before_committed!
        @all.reject! { |one| one.equal?(__getobj__) } if @all.size > before
      end

      # Runs the callbacks of a record.
      def committed!(**options)
        apart { __getobj__.committed!(**options) }
      end

      # Runs a block.
      def after_commit
        apart { __getobj__.after_commit }
      end

      private

      def apart
        yield
      rescue StandardError => e
        @failed.call(e)
      end
    end
  end
end
