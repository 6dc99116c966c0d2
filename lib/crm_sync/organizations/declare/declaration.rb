# frozen_string_literal: true

require_relative "../../sync/declaration"
require_relative "attribute"
require_relative "parents"

module CrmSync
  module Organizations
    # What an organization sync declares. {Fields} holds it against the organization fields of the Zendesk instance on
    # first use.
    class Declaration < CrmSync::Declaration
      # Where the accounts are: the object, the field with the id, fields that are read beside those of attributes.
      Accounts = Struct.new(:object, :key, :also, :where, :line)
      # The organization field with the account's id, and which organizations are ours: the tags in a drop-down.
      Organizations = Struct.new(:key, :managed_field, :managed_values, :line)
      # The instance that is written, and those that are read into files beside it.
      Instance = Struct.new(:name, :gather, :line)
      # The checkbox, whether it is taken back, whether accounts that did not come are looked up, and in how many reads
      # in a row one must have left no trace.
      Mark = Struct.new(:field, :unmark, :look_up, :line, :after)
      # Marks only where the date in a field is so long ago: a duration.
      OlderThan = Struct.new(:duration, :field, :line)

      # Those are set once.
      SINGLE = %i[accounts organizations instance mark_rule mark_filter outside_managed name_taken external_id].freeze
      SINGLE.each { |part| attr_reader part }
      WORDS = { instance: "zendesk", mark_rule: "mark", mark_filter: "mark_only_if" }.freeze
      private_constant :WORDS

      # @return [Array<Attribute>] what is compared and written, in the order of the declaration
      attr_reader :attributes

      def initialize(sync)
        super
        @attributes = []
        @instance = Instance.new(:default, [:default], nil)
        @outside_managed = :report
        @name_taken = :report
      end

      # @return [Array<String>] the fields of an account that are read, the key first; those that tell whether a parent
      #   could be read come last
      def account_fields
        parents.fields
      end

      # @return [Parents] the records that fields of accounts are read from
      def parents
        Parents.new([accounts.key, *accounts.also, *attributes.flat_map(&:paths)].uniq)
      end

      # @return [Array<Attribute>] attributes, and the external id where it is written
      def written
        external_id ? [*attributes, Attribute.external_id(accounts.key)] : attributes
      end

      # @return [Array<Symbol>] all budgets
      def budget_names
        %i[mark clear]
      end

      # @return [Array<Symbol>] what a change may write
      def targets
        [*written.map(&:name), mark_rule&.field].compact.map(&:to_sym)
      end

      private

      def words
        WORDS
      end

      def gaps
        [unsaid(:accounts, 'accounts "Account", key: "Id"'),
         unsaid(:organizations, "organizations key: :salesforce_id, managed: { account_type: %w[partner] }"),
         untold("name", 'attribute :name, from: "Name"'), key_gap, mark_gap, filter_gap].compact
      end

      def named(name)
        attributes.find { |attribute| attribute.name == name }
      end

      def untold(name, example)
        [place, "#{self.name} does not say what #{name} is taken from; add: #{example}"] unless named(name)
      end

      def key_gap
        return unless accounts && organizations

        key = named(organizations.key)
        return untold(organizations.key, "field :#{organizations.key}, from: \"#{accounts.key}\"") unless key
        return if key.paths == [accounts.key] && key.as.nil?

        [key.line, "#{key.name} is the key, and must be taken from: #{accounts.key.inspect} as it is"]
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
