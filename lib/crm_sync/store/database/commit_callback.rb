# frozen_string_literal: true

require "delegate"

module CrmSync
  module Database
    # Wraps a record in a transaction of several records, so that an error of its callbacks after the commit is kept
    # apart: Rails would not run the callbacks of the other records any more. The record's own methods are not changed,
    # because a host may keep the record, and may write it into a cache.
    #
    # Of several objects for one row, Rails calls only one. If a transaction is guarded in several parts, it calls one
    # in each part, as if each part were a transaction: the other objects do not know what this one has changed.
    class CommitCallback < SimpleDelegator
      # Wraps everything that Rails will call after the commit: records, and from Rails 7.2 on blocks. What was added
      # since the last call is one part. A transaction inside one of the host's calls nothing: it leaves the callbacks,
      # and their errors, to the host's transaction.
      # @param transaction [ActiveRecord::ConnectionAdapters::Transaction]
      # @yieldparam error [StandardError] the error of a callback; the block may raise it to pass it on
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

      # @return [Object] the part of the transaction to which it belongs
      attr_reader :part

      # @param called [ActiveRecord::Base, Object] the record or block
      # @param all [Array<Object>] everything that Rails will call, this one included
      # @param part [Object] the part of the transaction to which it belongs
      # @param failed [Proc] is called with errors
      def initialize(called, all, part, failed)
        super(called)
        @all = all
        @part = part
        @failed = failed
      end

      # Tells Rails which of the objects are the same record.
      # @return [Boolean]
      def eql?(other)
        return super unless other.is_a?(CommitCallback)

        part.equal?(other.part) && __getobj__.eql?(other.__getobj__)
      end

      # @return [Class] the class of the record, because Rails reads settings from it
      def class = __getobj__.class

      # Runs the callbacks of a record before the commit. A delayed touch adds the record once more at that time; it is
      # removed again, because Rails 7.1 and newer would call it, too.
      def before_committed!
        before = @all.size
        __getobj__.before_committed!
        @all.reject! { |one| one.equal?(__getobj__) } if @all.size > before
      end

      # Runs the callbacks of a record after the commit.
      def committed!(**options)
        apart { __getobj__.committed!(**options) }
      end

      # Runs a block after the commit.
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
