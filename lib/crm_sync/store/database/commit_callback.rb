# frozen_string_literal: true

require "delegate"

module CrmSync
  module Database
    # Stands for a record in a transaction of several, so that what its callbacks raise after the commit is kept apart:
    # Rails would not run those of any other record any more. It is not the record's own methods that are changed,
    # because a host may keep the record, and may write it into a cache.
    class CommitCallback < SimpleDelegator
      # Puts them in the place of all that Rails will call after the commit: records, and from Rails 7.2 on blocks. A
      # transaction in one of the host's calls nothing: it leaves them to that one, and so are their errors.
      #
      # @param transaction [ActiveRecord::ConnectionAdapters::Transaction]
      # @yieldparam error [StandardError] is raised on where the block raises it
      # @return [void]
      def self.guard(transaction, &failed)
        return unless transaction.instance_variable_get(:@run_commit_callbacks)

        [transaction.records, transaction.instance_variable_get(:@callbacks)].compact.each do |called|
          called.uniq!(&:__id__)
          called.map! { |one| new(one, failed) }
        end
      end

      # @param called [ActiveRecord::Base, Object] the record or block
      # @param failed [Proc] hears of errors
      def initialize(called, failed)
        super(called)
        @failed = failed
      end

      # @return [Class] the record's, of which Rails asks for settings
      def class = __getobj__.class

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
