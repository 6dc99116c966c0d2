# frozen_string_literal: true

module CrmSync
  # Whether the sources look like what they were last time. One that does not blocks the whole run.
  # @api private
  class SourceCheck
    # Why nothing may be written, and the +allow:+ that lets it through.
    Block = Struct.new(:source, :rows, :problem)

    # What one source looks like: its rows, whether something is linked to it, and how many rows have each field that
    # matters.
    Source = Struct.new(:name, :rows, :linked, :filled, keyword_init: true) do
      # @return [Hash{String => Object}] what must be remembered for next time
      def to_h
        { "rows" => rows, "filled" => filled }
      end
    end

    # @param sources [Array<Source>]
    # @param last [Hash{String => Hash}] what {#to_h} gave at the last run
    def initialize(sources, last)
      @sources = sources
      @last = last
    end

    # @param allow [Hash{Symbol => Integer}] sources that somebody found to be right, with their number of rows
    # @return [Array<Block>]
    def blocks(allow = {})
      found = @sources.filter_map { |source| problem(source, @last.fetch(source.name.to_s, {})) }
      found.reject { |block| allow.key?(block.source) && block.rows >= allow[block.source] }
    end

    # @param sync_name [String]
    # @param blocks [Array<Block>]
    # @return [Array<String>] why nothing was written, and the call that goes on
    def self.messages(sync_name, blocks)
      allow = blocks.map { |block| "#{block.source}: #{block.rows}" }.join(", ")
      blocks.map do |block|
        "blocked, nothing was written: #{block.problem}. If that is right: #{sync_name}.call(allow: { #{allow} })"
      end
    end

    # @return [Hash{String => Hash}] what must be remembered for next time
    def to_h
      @sources.to_h { |source| [source.name.to_s, source.to_h] }
    end

    private

    def problem(source, last)
      text = rows(source, last.fetch("rows", 0)) || blank(source, last.fetch("filled", {}))
      Block.new(source.name, source.rows, text) if text
    end

    def rows(source, before)
      name = source.name
      if source.rows.zero? && before.positive? then "#{name} came back empty; there were #{before} last time"
      elsif source.rows.zero? && source.linked.positive? then "#{name} came back empty, and users are linked to them"
      elsif source.rows * 2 < before then "#{name} came back with #{source.rows} rows; there were #{before} last time"
      end
    end

    def blank(source, before)
      field, = source.filled.find { |name, count| count.zero? && before[name].to_i.positive? }
      "none of the #{source.rows} #{source.name} has #{field}; some had last time" if field && source.rows.positive?
    end
  end
end
