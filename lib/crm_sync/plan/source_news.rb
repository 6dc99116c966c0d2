# frozen_string_literal: true

module CrmSync
  # Values of a source that were never seen before and that no rule names, such as a new status of leads: they are taken
  # for what all others mean, and somebody should know. Each is told for a day, as {SourceDrift} is.
  class SourceNews
    TOLD = 86_400
    # The most values of a field that are remembered; with more of them there is nothing to tell.
    MOST = 500
    private_constant :TOLD, :MOST

    # @param source [CrmSync::SourceCheck::Counts]
    # @param last [Hash{String => Object}] the values that were remembered of it
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

    # Returns the time at which each value was first seen; at the first look nothing is new.
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
