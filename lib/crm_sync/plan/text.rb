# frozen_string_literal: true

module CrmSync
  # Formats a plan for people: the kinds of changes and their numbers, what they cost, and the first changes of each
  # kind.
  class PlanText
    # The number of changes that are shown, shared out among the kinds, and the least number for each kind.
    SHOWN = 12
    LEAST = 2
    # The number of issues that are shown, shared out in the same way; at least one of each kind.
    SHOWN_ISSUES = 6
    private_constant :SHOWN, :LEAST, :SHOWN_ISSUES

    # @param plan [CrmSync::Plan]
    # @param read [Array<String>] the lines about the reading
    def initialize(plan, read)
      @plan = plan
      @read = read
      @kinds = plan.changes.group_by(&:action).sort
    end

    # @return [String] one line
    def headline
      changes = @plan.empty? ? "nothing to do" : Presentable.counted(@plan.changes.size, "change")
      memory = " (no earlier run is remembered)" if @plan.first_run?
      "#{@plan.sync.name}: #{changes}, #{Presentable.counted(@plan.issues.size, "issue")}#{memory}"
    end

    # @param refusals [Array<CrmSync::Refusal>] the refusals that applying would meet
    # @param costs [Array<Array(Symbol, Integer, Integer, Integer)>] for each budget that is used, the amount that is
    #   planned, the amount that was spent in the last 24 hours, and the limit
    # @return [String] several lines
    def whole(refusals, costs)
      kinds = @kinds.flat_map { |kind, changes| rows(kind, changes) }
      refused = refusals.flat_map { |refusal| ["", refusal] }
      [headline, read, *@read.map { |line| "  #{line}" }, *refused, *what, *budgets(costs), *kinds, *issues].join("\n")
    end

    private

    def read
      sources = @plan.ledger.books.except(:changes)
      "  read #{sources.map { |name, book| Presentable.counted(book.rows, name.to_s.singularize) }.join(", ")}"
    end

    def what
      table(%w[what changes], @kinds.map { |kind, changes| [kind, changes.size] })
    end

    def budgets(costs)
      table(["budget", "planned", "last 24 h", "allowed"], costs)
    end

    # Aligns the first column to the left, and numbers to the right.
    def table(head, rows)
      return [] if rows.empty?

      lines = [head, *rows.map { |name, *numbers| [name.to_s, *numbers.map { |number| Presentable.count(number) }] }]
      widths = lines.transpose.map { |cells| cells.map(&:size).max }
      ["", *lines.map { |line| "  #{aligned(line, widths)}" }]
    end

    def aligned((name, *numbers), (left, *right))
      [name.ljust(left), *numbers.zip(right).map { |number, width| number.rjust(width) }].join("  ")
    end

    def rows(kind, changes)
      shown = changes.first([SHOWN / @kinds.size, LEAST].max)
      width = shown.map { |change| change.key.to_s.size }.max
      ["", "  #{kind}", *shown.flat_map { |change| row(change, width) }, *more(changes.size - shown.size)]
    end

    def more(count)
      count.positive? ? ["    … #{Presentable.count(count)} more"] : []
    end

    def row(change, width)
      names = change.after.keys.map { |column| column.to_s.size }.max || 0
      moves = change.moves.map { |column, before, after| "#{column.to_s.ljust(names)}  #{before} → #{after}" }
      ["    #{change.key.to_s.ljust(width)}  #{change.reason}", *moves.map { |move| "#{" " * (width + 8)}#{move}" }]
    end

    def issues
      return [] if @plan.issues.empty?

      kinds = @plan.issues.group_by(&:kind)
      counts = kinds.map { |kind, some| "#{Presentable.count(some.size)} #{kind}" }
      shown = kinds.values.flat_map { |some| some.first([SHOWN_ISSUES / kinds.size, 1].max) }
      ["", "  issues: #{counts.join(", ")}", *shown.map { |issue| "    #{issue.message}" },
       *more(@plan.issues.size - shown.size)]
    end
  end
  private_constant :PlanText
end
