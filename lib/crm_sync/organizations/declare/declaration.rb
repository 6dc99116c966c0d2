# frozen_string_literal: true

require_relative "../../sync/declaration"
require_relative "../../sync/todays_condition"
require_relative "../decide/costs"
require_relative "attribute"
require_relative "managed_drop_down"
require_relative "parents"

module CrmSync
  module Organizations
    # The declaration of an organization sync. {Fields} checks it against the organization fields of the Zendesk
    # instance on first use.
    class Declaration < Internal::Declaration
      # The source of the accounts: the object, the field with the id, the fields that are read besides those of
      # attributes, and the condition or a block that returns one.
      Accounts = Struct.new(:object, :key, :also, :where, :line) do
        include TodaysCondition
      end
      # The organization field with the account's id, or +external_id+, and the drop-down and its tags that make an
      # organization a managed one; without a drop-down, the id does.
      Organizations = Struct.new(:key, :managed_field, :managed_values, :line) do
        # @return [Boolean] whether the id is stored in the attribute +external_id+, and not in a field
        def external? = key == Attribute::EXTERNAL_ID

        # @return [Symbol] the kind of place in which the id is stored
        def place = external? ? :attribute : :field

        # @param value [Object] of the drop-down
        # @return [Boolean] whether an organization with this value is a managed one
        def managed_value?(value)
          managed_values.any? { |tag| tag.casecmp?(value.to_s) }
        end
      end
      # The instance that is written, and the instances that are gathered into files.
      Instance = Struct.new(:name, :gather, :line)
      # The checkbox, whether marks are taken back, whether missing accounts are looked up, the line of the declaration,
      # and the number of reads in a row in which an account must have left no trace.
      Mark = Struct.new(:field, :unmark, :look_up, :line, :after)
      # Restricts marks to organizations with a date in a field that is more than a duration ago.
      OlderThan = Struct.new(:duration, :field, :line)

      # The words that may be declared only once.
      SINGLE = %i[accounts organizations instance mark_rule mark_filter outside_managed name_taken external_id].freeze
      SINGLE.each { |part| attr_reader part }
      WORDS = { instance: "zendesk", mark_rule: "mark", mark_filter: "mark_only_if" }.freeze
      private_constant :WORDS

      # @return [Array<Attribute>] the attributes that are compared and written, in the order of the declaration
      attr_reader :attributes

      def initialize(sync)
        super
        @attributes = []
        @instance = Instance.new(:default, [:default], nil)
        @outside_managed = :report
        @name_taken = :report
      end

      # @return [Array<String>] the fields of an account that are read, with the key first; the fields that tell whether
      #   a parent could be read come last
      def account_fields
        parents.fields
      end

      # @return [Parents] the records that fields of accounts are read from
      def parents
        Parents.new([accounts.key, *accounts.also, *attributes.flat_map(&:paths)].uniq)
      end

      # @return [Array<Attribute>] the attributes, and the external id if it is written
      def written
        return attributes unless external_id || organizations.external?

        [*attributes, Attribute.external_id(accounts.key)]
      end

      # @return [Array<Proc>] the blocks that contain the host's own code
      def blocks
        super + [accounts.where].grep(Proc)
      end

      # @return [Array<Symbol>] all budgets
      def budget_names
        Costs::BUDGETS.keys
      end

      # @return [Array<Symbol>] the sources that are checked
      def source_names
        %i[accounts organizations]
      end

      # @return [Array<Symbol>] the names that a change may write
      def targets
        [*written.map(&:name), mark_rule&.field].compact.map(&:to_sym)
      end

      # Returns the names without which a change must not be made. Without the key, the organization is not the
      # account's. A new one also needs a name, and the drop-down without which the sync would not manage it.
      # @param action [Symbol]
      # @return [Array<Symbol>]
      def needed(action)
        names = [organizations.key, *(["name", organizations.managed_field] if action == :create)]
        names.compact.map(&:to_sym)
      end

      protected

      def lists = %i[attributes]

      private

      def words = WORDS

      def gaps
        [unsaid(:accounts, 'accounts "Account", key: "Id"'),
         unsaid(:organizations, "organizations key: :salesforce_id, managed: { account_type: %w[partner] }"),
         untold("name", 'attribute :name, from: "Name"'), key_gap, mark_gap, filter_gap,
         *managed_gaps].compact
      end

      def named(name)
        attributes.find { |attribute| attribute.name == name }
      end

      def untold(name, example)
        [place, "#{self.name} does not say what #{name} is taken from; add: #{example}"] unless named(name)
      end

      def key_gap
        return unless accounts && organizations

        organizations.external? ? external_gap : field_gap
      end

      def field_gap
        key = named(organizations.key)
        return untold(organizations.key, "field :#{organizations.key}, from: \"#{accounts.key}\"") unless key
        return if key.paths == [accounts.key] && key.as.nil?

        [key.line, "#{key.name} is the key, and must be taken from: #{accounts.key.inspect} as it is"]
      end

      def external_gap
        line = line_of(:external_id) || named(organizations.key)&.line
        [line, "external_id is the key, and is written without a word of its own; leave it out"] if line
      end

      def managed_gaps
        return [] unless organizations
        return unmanaged_gaps unless organizations.managed_field

        ManagedDropDown.new(organizations, attributes).gaps
      end

      # Refuses words about managed organizations, if the declaration does not say which organizations are managed.
      def unmanaged_gaps
        needs = "needs to know which organizations are managed; add managed: { … } to organizations"
        words = { mark_rule: "mark", outside_managed: "outside_managed" }.select { |part, _| line_of(part) }
        words.map { |part, word| [line_of(part), "#{word} #{needs}"] }
      end

      def mark_gap
        taken = mark_rule && named(mark_rule.field) or return

        [taken.line, "#{taken.name} is the mark, and cannot follow the account as well; keep one of them"]
      end

      def filter_gap
        return if mark_filter.nil? || mark_rule

        [mark_filter.line, "mark_only_if needs a mark; add: mark :mark_for_deletion"]
      end
    end
    private_constant :Declaration
  end
end
