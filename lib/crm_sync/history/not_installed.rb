# frozen_string_literal: true

require_relative "../store/beside"

module CrmSync
  class SyncHistory
    # Stands in for a history that is not there: everything works without it, except for what needs it.
    class NotInstalled
      # @param model [Class, nil] in whose database it would be
      def initialize(model)
        @model = model
      end

      # @raise [CrmSync::ConfigurationError] always
      def refuse(*)
        raise ConfigurationError, "history needs the tables crm_sync_runs and crm_sync_changes, in the database of " \
                                  "the model that is synced; run: #{Beside.commands(@model)}"
      end

      alias runs refuse
      alias thaw refuse
      alias undo! refuse

      # Nothing to keep.
      def run(_plan)
        yield
      end

      # Nothing to keep.
      def record(_changes, **); end

      # Nothing to keep.
      def settle(**); end

      # Nothing to keep.
      def correct(*); end

      # Nothing to keep.
      def unplanned(_error, _started_at); end

      # @return [nil]
      def run_id; end

      # @return [nil] there is no such book
      def spending; end

      # @return [RepeatFilter] that lets everything pass
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
