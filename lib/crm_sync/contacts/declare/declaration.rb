# frozen_string_literal: true

require_relative "../../sync/declaration"
require_relative "../../sync/todays_condition"
require_relative "attribute"
require_relative "declared_keys"
require_relative "follow_up_parts"
require_relative "key"
require_relative "reference"

module CrmSync
  module Contacts
    # Holds the declaration of a contact sync. It has the names of models and scopes only and needs no database;
    # {Schema} checks it against the models on first use.
    class Declaration < Internal::Declaration
      include DeclaredKeys

      # Represents the source of contacts or leads: the object, its condition or a block that returns one, and for leads
      # the column in which the app stores them.
      Source = Struct.new(:object, :where, :line, :foreign_key) do
        include TodaysCondition
      end
      # Represents {Dsl#contact_missing}: the values to set, the number of full reads, and whether the user is left
      # alone.
      Missing = Struct.new(:set, :after, :line, :keep)
      # The default number of consecutive full reads in which a contact must be missing.
      Missing::READS = 3
      # Represents a rule for leads: +all+ has the statuses that all leads of the user must have, and is nil for
      # +otherwise+, whose statuses are in +others+.
      LeadRule = Struct.new(:all, :set, :line, :others) do
        # @return [Array<String>, nil] the statuses that the rule names; nil if it accepts any
        def statuses
          all || others
        end
      end
      # Represents {Dsl#lead_status}: the field, the weakest scope that is trusted, the users concerned, and the rules.
      Leads = Struct.new(:from, :weakest, :scope, :rules, :line)
      # Represents {Dsl#unmatched}: the values for users without a contact and a lead.
      Sweep = Struct.new(:set, :scope, :line)
      # Represents a budget that the declaration adds.
      Budget = Struct.new(:name, :column, :value, :line)
      # Represents transitions that are not made.
      Protection = Struct.new(:column, :from, :to, :line)
      # Represents {Writes#write}: the way of writing, and the number of records in a transaction, if it is declared.
      Way = Struct.new(:name, :line, :batch)
      # Represents {Reads#incremental}; the periods are in seconds.
      Incremental = Struct.new(:full_every, :overlap, :line)

      # The parts that may be declared only once.
      SINGLE = %i[contacts leads model_name foreign_key through scopes disagreeing link_scope sharing missing lead_rules
                  ignored sweep incremental way].freeze
      SINGLE.each { |part| attr_reader part }
      # The words of the DSL that declare these parts, if they have another name.
      WORDS = {
        model_name: "model", foreign_key: "model", through: "model", scopes: "model", keys: "match_by",
        disagreeing: "keys_disagree",
        link_scope: "link_when", sharing: "shared_contact", ignored: "ignore_addresses", missing: "contact_missing",
        lead_rules: "lead_status", sweep: "unmatched", way: "write"
      }.freeze
      private_constant :WORDS

      # The parts that may be declared several times.
      LISTS = %i[keys attributes budgets protections hooks link_hooks batch_hooks write_backs].freeze
      LISTS.each { |list| attr_reader list }
      private_constant :LISTS

      # @return [Class, nil] the model that is synced, if it exists in the app
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

      # @return [Array<Proc>] the blocks with code of the app
      def blocks
        super + [*hooks, *link_hooks, *batch_hooks].map(&:block) + [contacts, leads].compact.map(&:where).grep(Proc)
      end

      # @return [Array<Symbol>] the columns that a run may write, without the foreign key
      def columns
        (attributes.map(&:column) + sets.flat_map { |part| part.set.keys }).uniq
      end

      # @return [Hash{Symbol => String}] for each of the {#columns}, the line that names it first
      def lines_of_columns
        named = attributes.map { |attribute| [attribute.column, attribute.line] }
        named += sets.flat_map { |part| part.set.keys.map { |column| [column, part.line] } }
        named.reverse.to_h
      end

      # @return [Array<Symbol>] the names of all budgets, with those that the declaration adds at the end
      def budget_names
        Native.contact_budgets + budgets.map(&:name)
      end

      # @return [Array<Symbol>] the names of the sources that are checked
      def source_names
        %i[contacts leads users]
      end

      # @return [Boolean] whether a user whose contact is gone is left alone unless another contact takes its place
      def keep_missing?
        missing ? missing.keep : false
      end

      # @return [Array<Missing, Sweep, LeadRule>] the parts that set columns to declared values
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
