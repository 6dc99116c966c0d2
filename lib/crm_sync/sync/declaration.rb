# frozen_string_literal: true

require_relative "../store/stored_name"
require_relative "partitioning"

module CrmSync
  module Internal
    # Base class of the declarations of both syncs.
    class Declaration
      # The condition of a report of problems, and the block that sends it.
      Report = Struct.new(:condition, :block)
      # The number of seconds without a success after which the alarm is raised, the block that raises it, and the line
      # of the declaration.
      Alarm = Struct.new(:after, :block, :line)
      # The words that declare these parts.
      WORDS = { org: "salesforce", report: "report_problems", alarm: "alarm_after", partitioning: "partition" }.freeze
      private_constant :WORDS

      # The name of the Salesforce org, the report of problems, and the alarm; the last two are nil unless they are
      # declared.
      attr_reader :org, :report, :alarm

      def initialize(sync)
        @sync = sync
        @org = :default
        @over_budget = {}
        @lines = {}
        @said = []
        @inherited = Set.new.compare_by_identity
      end

      # Returns a copy for a subclass of the sync, which may declare each word again.
      # @param sync [Class] the subclass
      # @return [Declaration]
      def for_subclass(sync)
        dup.tap { |copy| copy.inherit(sync) }
      end

      # @return [String] the name of the sync's class
      def name
        @sync.name || "this sync"
      end

      # @return [String, nil] the partition of the app, such as a tenant, that a run at this moment is for; nil unless
      #   the sync declares +partition+
      # @raise [CrmSync::ConfigurationError] when the block of the declaration returns no name
      def partition
        @partitioning&.current
      end

      # @return [String] the name under which a run at this moment keeps its own data
      # @raise (see #partition)
      def kept_as
        StoredName.of(name, partition)
      end

      # @return [Class, nil] the model of the app whose database holds the state; +nil+ for the main database
      def home; end

      # @return [Array<Proc>] the blocks that contain the host's own code
      def blocks
        [report&.condition, report&.block, alarm&.block, @partitioning&.block].grep(Proc)
      end

      # @return [Boolean] whether the declaration is complete
      def complete?
        @complete ? true : false
      end

      # Runs the checks that need the whole declaration.
      # @return [self]
      # @raise [CrmSync::MappingError] when a part is missing or parts do not fit together; the message lists all
      #   problems
      def complete!
        refuse_all(gaps)
        @complete = true
        self
      end

      # Sets a part that may be declared only once.
      def set(part, value, line)
        refuse(line, "#{word(part)} is declared twice; keep one") if @said.include?(part)
        @said << part
        @lines[part] = line
        instance_variable_set("@#{part}", value)
      end

      # @param part [Symbol] a part that may be declared only once
      # @return [String, nil] the line on which it is declared
      def line_of(part)
        @lines[part]
      end

      # Sets the policy for changes that exceed a budget.
      # @param budget [Symbol] a budget, or +:all+
      def set_over_budget(budget, policy, line)
        said = [:over_budget, budget]
        refuse(line, "over_budget #{budget.inspect} is declared twice; keep one") if @said.include?(said)
        @said << said
        @over_budget[budget] = policy
      end

      # Finds an entry of a list that the class itself has declared, and not a superclass.
      # @param list [Array]
      # @yieldparam entry [Object]
      # @return [Object, nil]
      def said(list)
        list.find { |entry| yield(entry) && !@inherited.include?(entry) }
      end

      # Adds an entry to a list. It replaces an entry that a superclass has declared for the same thing.
      # @param list [Array]
      # @param entry [Object]
      # @yieldparam other [Object] an entry of the list
      # @yieldreturn [Boolean] whether it is about the same thing
      # @return [void]
      def say(list, entry, &)
        place = list.index(&) || list.size
        list[place] = entry
      end

      # @return [Array<Symbol>] the names that +allow+ takes: the budgets, the sources, and {SourceCheck::LINKED}
      def allowed_names
        [*budget_names, *source_names, SourceCheck::LINKED]
      end

      # @param budget [Symbol]
      # @return [Boolean] whether nothing at all is written if the budget is exceeded
      def blocks?(budget)
        @over_budget.fetch(budget) { @over_budget[:all] } == :block
      end

      # @raise [CrmSync::MappingError] always
      def refuse(line, problem)
        refuse_all([[line, problem]])
      end

      # Raises all problems at once, each on a line of its own.
      # @param problems [Array<Array(String, String)>] the line of the declaration, and the message
      # @return [void]
      # @raise [CrmSync::MappingError] when there are any problems
      def refuse_all(problems)
        return if problems.empty?

        raise MappingError, problems.uniq.map { |line, problem| "#{line}: #{problem}" }.join("\n")
      end

      protected

      # Returns the names of the lists, whose words may be declared more than once.
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

      # Returns the words of the parts whose word is not their name.
      def words
        {}
      end

      def word(part)
        WORDS[part] || words.fetch(part, part)
      end

      def unsaid(part, example)
        [place, "#{name} does not say its #{word(part)}; add: #{example}"] if public_send(part).blank?
      end

      # Returns the line at which the sync's class begins. A class without a name has none.
      def place
        file, line = Object.const_source_location(@sync.name) if @sync.name
        file ? "#{file}:#{line}" : name
      end
    end
  end
end
