# frozen_string_literal: true

module CrmSync
  # What the declarations of both syncs have in common.
  # @api private
  class Declaration
    # Who hears of problems.
    Report = Struct.new(:condition, :block)
    # After how many seconds without a success, and what is called then.
    Alarm = Struct.new(:after, :block, :line)
    # The words in which these are said.
    WORDS = { org: "salesforce", report: "report_problems", alarm: "alarm_after" }.freeze
    private_constant :WORDS

    # Which org is read, who hears of problems, and who when nothing works any more.
    attr_reader :org, :report, :alarm

    def initialize(sync)
      @sync = sync
      @org = :default
      @over_budget = {}
    end

    # @return [String] the name of the sync's class
    def name
      @sync.name || "this sync"
    end

    # @return [Class, nil] the app's model whose database has what is remembered; +nil+ for the main one
    def home; end

    # Sets something that may be said once.
    def set(part, value, line)
      refuse(line, "#{word(part)} is said twice; keep one") if (@set ||= {})[part]
      @set[part] = true
      instance_variable_set("@#{part}", value)
    end

    # Sets what happens where a budget does not reach.
    # @param budget [Symbol] or +:all+
    def set_over_budget(budget, policy, line)
      refuse(line, "over_budget #{budget.inspect} is said twice; keep one") if @over_budget.key?(budget)
      @over_budget[budget] = policy
    end

    # @param budget [Symbol]
    # @return [Boolean] whether nothing at all is written where it does not reach
    def blocks?(budget)
      @over_budget.fetch(budget) { @over_budget[:all] } == :block
    end

    # @raise [CrmSync::MappingError] always
    def refuse(line, problem)
      raise MappingError, "#{line}: #{problem}"
    end

    private

    # The words of parts that are called otherwise.
    def words
      {}
    end

    def word(part)
      WORDS[part] || words.fetch(part, part)
    end

    def require_part(part, example)
      raise MappingError, "#{name} does not say its #{word(part)}; add: #{example}" unless public_send(part)
    end
  end
end
