# frozen_string_literal: true

module CrmSync
  class SyncHistory
    # Describes the history of one record for a person.
    class RecordSummary
      SHOWN = 10
      private_constant :SHOWN

      # @param history [CrmSync::SyncHistory]
      # @param key [Object] the key of the record
      def initialize(history, key)
        @history = history
        @key = key
      end

      # @return [Array<String>] the last changes, the newest first, and the fields that are left alone now
      def lines
        rows = @history.change_rows.where(sync: @history.kept_as, record_key: @key.to_s).order(id: :desc)
        shown = rows.first(SHOWN).map { |row| "  #{PastChange.of(row, @history.values).under_record}" }
        more = rows.count - shown.size
        return [] if shown.empty?

        ["history, the newest first:", *shown, ("  … #{more} more" if more.positive?), *fields].compact
      end

      private

      def fields
        RepeatGuard.new(@history).of([@key]).fetch(@key.to_s, []).map { |field| told(field) }
      end

      def told(field)
        times = field.times.map { |time| time.getutc.iso8601 }.join(", ")
        value = Presentable.value(field.value)
        why = { undone: "run #{field.run_id} put it back at #{times}",
                frozen: "it got that at #{times}, and each time somebody else changed it" }.fetch(field.kind)
        "#{field.kind}: #{field.column} does not become #{value}, because #{why}; " \
          "#{@history.sync_name}.thaw(#{@key.inspect}) ends that"
      end
    end
    private_constant :RecordSummary
  end
end
