# frozen_string_literal: true

require_relative "../../sync/declaration"
require_relative "attribute"
require_relative "declared_keys"
require_relative "follow_up_parts"
require_relative "key"
require_relative "reference"
require_relative "todays_condition"

module CrmSync
  module Contacts
    # Holds what a contact sync declares. It names models and scopes by name and touches no database; {Schema} checks it
    # against the models on first use.
    class Declaration < Internal::Declaration
      include DeclaredKeys

      # The source of contacts or leads: the object, a condition or a block that gives it, and of leads the column in
      # which the app stores them.
      Source = Struct.new(:object, :where, :line, :foreign_key) do
        include TodaysCondition
      end
      # The values that are set when a contact is gone, or whether its user is left alone.
      Missing = Struct.new(:set, :after, :line, :keep)
      # Number of full reads in a row in which a contact must be missing, if nothing else is declared.
      Missing::READS = 3
      # The meaning of leads whose statuses are all among these.
      LeadRule = Struct.new(:all, :set, :line, :others) do
        # @return [Array<String>, nil] the statuses that the rule names; nil if it takes any
        def statuses
          all || others
        end
      end
      # The meaning of leads, and the users whom it concerns.
      Leads = Struct.new(:from, :weakest, :scope, :rules, :line)
      # The values that are set for users without contact and lead.
      Sweep = Struct.new(:set, :scope, :line)
      # A budget of the declaration's own.
      Budget = Struct.new(:name, :column, :value, :line)
      # Transitions that must not be made.
      Protection = Struct.new(:column, :from, :to, :line)
      # The way in which changes are written, and the number of records in a transaction, if it is declared.
      Way = Struct.new(:name, :line, :batch)
      # The periods of incremental reads, in seconds.
      Incremental = Struct.new(:full_every, :overlap, :line)

      # The words that may be said only once.
      SINGLE = %i[contacts leads model_name foreign_key through scopes disagreeing link_scope sharing missing lead_rules
                  ignored sweep incremental way].freeze
      SINGLE.each { |part| attr_reader part }
      # The words of the DSL for these, if they are called otherwise.
      WORDS = {
        model_name: "model", foreign_key: "model", through: "model", scopes: "model", keys: "match_by",
        disagreeing: "keys_disagree",
        link_scope: "link_when", sharing: "shared_contact", ignored: "ignore_addresses", missing: "contact_missing",
        lead_rules: "lead_status", sweep: "unmatched", way: "write"
      }.freeze
      private_constant :WORDS

      # The lists of words that may be said more than once.
      LISTS = %i[keys attributes budgets protections hooks link_hooks batch_hooks write_backs].freeze
      LISTS.each { |list| attr_reader list }
      private_constant :LISTS

      # @return [Class, nil] the model that is synced, if the app has it
      def home
        found = model_name&.safe_constantize
        found if found.is_a?(Class) && found < ActiveRecord::Base
      end

      def initialize(sync)
        super
        LISTS.each { |list| instance_variable_set("@#{list}", []) }
        @scopes = []
        @disagreeing = :hold
        @sharing = :hold
        @way = Way.new(:records)
      end

      # @return [Array<Proc>] the blocks of the host's own code
      def blocks
        super + [*hooks, *link_hooks, *batch_hooks].map(&:block) + [contacts, leads].compact.map(&:where).grep(Proc)
      end

      # @return [Array<Symbol>] the columns that a run may write, except the foreign key
      def columns
        (attributes.map(&:column) + sets.flat_map { |part| part.set.keys }).uniq
      end

      # @return [Hash{Symbol => String}] the line on which each of {#columns} is named first
      def lines_of_columns
        named = attributes.map { |attribute| [attribute.column, attribute.line] }
        named += sets.flat_map { |part| part.set.keys.map { |column| [column, part.line] } }
        named.reverse.to_h
      end

      # @return [Array<Symbol>] all budgets, the declaration's own last
      def budget_names
        Native.contact_budgets + budgets.map(&:name)
      end

      # @return [Array<Symbol>] the sources that are checked
      def source_names
        %i[contacts leads users]
      end

      # @return [Boolean] whether a user whose contact is gone is left alone unless another one takes its place
      def keep_missing?
        missing ? missing.keep : false
      end

      # @return [Array<Missing, Sweep, LeadRule>] the parts that set columns to values of their own
      def sets
        [missing, sweep, *lead_rules&.rules].compact
      end

      protected

      def lists = LISTS

      def inherit(sync)
        @attributes = attributes.map { |attribute| attribute.of(self) }
        super
      end

      private

      def words = WORDS

      def gaps
        [unsaid(:contacts, 'contacts "Contact"'),
         unsaid(:model_name, 'model "User", foreign_key: :salesforce_contact_id'),
         unsaid(:keys, 'match_by :email, to: "Email", as: :email'),
         *lead_gaps, stored_lead_gap, batch_gap].compact
      end

      def batch_gap
        return if batch_hooks.empty? || way.name == :set_based

        [batch_hooks.first.line, "after_batch needs batches; add: write :set_based"]
      end
    end
    private_constant :Declaration
  end
end
