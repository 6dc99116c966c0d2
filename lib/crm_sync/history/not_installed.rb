# frozen_string_literal: true

require_relative "../store/beside"

module CrmSync
  class SyncHistory
    # Stands in for a history that does not exist. Syncs work without one; only methods that need it raise an error.
    class NotInstalled
      # @param model [Class, nil] the model in whose database the history would be
      def initialize(model)
        @model = model
      end

      # @raise [CrmSync::ConfigurationError] always
      def refuse(*)
        where = @model ? "the database of #{@model.name}" : "the main database of a Rails app"
        mend = defined?(ActiveRecord::Base) ? "run: #{Beside.commands(@model)}" : "without such an app there is none"
        raise ConfigurationError, "history needs the tables of crm_sync's migration in #{where}; #{mend}"
      end

      alias thaw refuse
      alias undo! refuse

      # Yields, and records nothing.
      def run(_plan)
        yield
      end

      # Does nothing.
      def record(_changes, **); end

      # Does nothing.
      def settle(**); end

      # Does nothing.
      def correct(*); end

      # Does nothing.
      def unplanned(_error, _started_at); end

      # @return [nil]
      def run_id; end

      # @return [nil] no amounts: without a history, {SpendingBook} counts them
      def spending; end

      # @return [RepeatFilter] a filter that keeps all changes
      def filter(changes)
        RepeatFilter.new(nil, changes)
      end

      # @return [nil]
      def key_of(_organization_id); end

      # @return [Array<String>]
      def story(_key)
        []
      end
    end
  end
end
