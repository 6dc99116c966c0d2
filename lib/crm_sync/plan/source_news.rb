# frozen_string_literal: true

module CrmSync
  # Finds values of a source that were never seen before and that no rule names, such as a new status of leads. They are
  # treated like all others that no rule names, and somebody should know. Each is reported for a day, as in
  # {SourceDrift}.
  class SourceNews
    TOLD = 86_400
    # The largest number of values of a field that are remembered. With more of them, nothing is reported.
    MOST = 500
    private_constant :TOLD, :MOST

    # @param source [CrmSync::SourceCheck::Counts]
    # @param last [Hash{String => Object}] the values that were remembered of the source
    # @param now [Integer]
    def initialize(source, last, now = Time.now.to_i)
      @source = source
      @seen = last["seen"]
      @now = now
    end

    # @return [Array<CrmSync::Issue>]
    def issues
      @source.unnamed.flat_map do |field, counts|
        counts.select { |value, _| fresh?(field, value) }.map { |value, count| issue(field, value, count) }
      end
    end

    # @return [Hash{String => Object}] the values to remember
    def to_h
      { "seen" => @source.unnamed.to_h { |field, counts| [field, times(field, counts.keys)] } }
    end

    private

    def fresh?(field, value)
      return false unless @seen&.key?(field) && @seen[field].size < MOST

      (@now - @seen[field].fetch(value, @now)).abs < TOLD
    end

    # Returns the time at which each value was first seen. At the first look, no value is new.
    def times(field, values)
      known = @seen&.fetch(field, nil)
      at = known ? @now : 0
      values.to_h { |value| [value, at] }.merge(known || {}).first(MOST).to_h
    end

    def issue(field, value, count)
      Issue.new(kind: :new_value, message: "#{Presentable.text(value).inspect} was never seen before as #{field} of " \
                                           "#{@source.name}; #{Presentable.counted(count, "row")} have it. No rule " \
                                           "names it; look whether a value has another name now")
    end
  end
  private_constant :SourceNews
end
