# frozen_string_literal: true

module CrmSync
  module Internal
    # Base of the declarations of both syncs.
    class Declaration
      # The one who hears of problems.
      Report = Struct.new(:condition, :block)
      # The seconds without a success after which it is raised, and what is called then.
      Alarm = Struct.new(:after, :block, :line)
      # The words in which these are said.
      WORDS = { org: "salesforce", report: "report_problems", alarm: "alarm_after" }.freeze
      private_constant :WORDS

      # The org that is read, who hears of problems, and who hears when nothing works any more.
      attr_reader :org, :report, :alarm

      def initialize(sync)
        @sync = sync
        @org = :default
        @over_budget = {}
        @lines = {}
        @said = []
        @inherited = Set.new.compare_by_identity
      end

      # Returns a copy for a subclass of the sync, which may say each word anew.
      # @param sync [Class] the subclass
      # @return [Declaration]
      def for_subclass(sync)
        dup.tap { |copy| copy.inherit(sync) }
      end

      # @return [String] the name of the sync's class
      def name
        @sync.name || "this sync"
      end

      # @return [Class, nil] the app's model whose database has what is remembered; +nil+ for the main one
      def home; end

      # @return [Array<Proc>] the blocks of the host's own code
      def blocks
        [report&.condition, report&.block, alarm&.block].grep(Proc)
      end

      # @return [Boolean] whether everything has been said
      def complete?
        @complete ? true : false
      end

      # Checks what can only be checked when everything has been said.
      # @return [self]
      # @raise [CrmSync::MappingError] when something is missing or does not fit together; the message tells everything
      def complete!
        refuse_all(gaps)
        @complete = true
        self
      end

      # Sets something that may be said once.
      def set(part, value, line)
        refuse(line, "#{word(part)} is declared twice; keep one") if @said.include?(part)
        @said << part
        @lines[part] = line
        instance_variable_set("@#{part}", value)
      end

      # @param part [Symbol] something that may be said once
      # @return [String, nil] the line where it is said
      def line_of(part)
        @lines[part]
      end

      # Sets what happens where a budget does not reach.
      # @param budget [Symbol] or +:all+
      def set_over_budget(budget, policy, line)
        said = [:over_budget, budget]
        refuse(line, "over_budget #{budget.inspect} is declared twice; keep one") if @said.include?(said)
        @said << said
        @over_budget[budget] = policy
      end

      # Finds an entry of a list that the class itself has said, and not a class above it.
      # @param list [Array]
      # @yieldparam entry [Object]
      # @return [Object, nil]
      def said(list)
        list.find { |entry| yield(entry) && !@inherited.include?(entry) }
      end

      # Adds an entry to a list, in the place of the one that a class above has said of the same.
      # @param list [Array]
      # @param entry [Object]
      # @yieldparam other [Object] an entry of the list
      # @yieldreturn [Boolean] whether it is about the same
      # @return [void]
      def say(list, entry, &)
        place = list.index(&) || list.size
        list[place] = entry
      end

      # @return [Array<Symbol>] what a run can be allowed: budgets and sources, and that few of the linked rows came
      def allowed_names
        [*budget_names, *source_names, SourceCheck::LINKED]
      end

      # @param budget [Symbol]
      # @return [Boolean] whether nothing at all is written where it does not reach
      def blocks?(budget)
        @over_budget.fetch(budget) { @over_budget[:all] } == :block
      end

      # @raise [CrmSync::MappingError] always
      def refuse(line, problem)
        refuse_all([[line, problem]])
      end

      # Tells everything that is wrong at once, each problem on a line of its own.
      # @param problems [Array<Array(String, String)>] the line of the declaration, and what is wrong there
      # @return [void]
      # @raise [CrmSync::MappingError] when there are any
      def refuse_all(problems)
        return if problems.empty?

        raise MappingError, problems.uniq.map { |line, problem| "#{line}: #{problem}" }.join("\n")
      end

      protected

      # The names of the lists of words that may be said more than once.
      def lists = []

      def inherit(sync)
        @sync = sync
        @complete = false
        @said = []
        @lines = @lines.dup
        @over_budget = @over_budget.dup
        lists.each { |name| instance_variable_set("@#{name}", public_send(name).dup) }
        @inherited = lists.flat_map { |name| public_send(name) }.to_set.compare_by_identity
      end

      private

      # The words of parts that are called otherwise.
      def words
        {}
      end

      def word(part)
        WORDS[part] || words.fetch(part, part)
      end

      def unsaid(part, example)
        [place, "#{name} does not say its #{word(part)}; add: #{example}"] if public_send(part).blank?
      end

      # The line at which the sync's class begins; a class without a name has none.
      def place
        file, line = Object.const_source_location(@sync.name) if @sync.name
        file ? "#{file}:#{line}" : name
      end
    end
  end
end
