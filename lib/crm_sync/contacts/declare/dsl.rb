# frozen_string_literal: true

require_relative "../../sync/dsl"
require_relative "../parts"
require_relative "attribute_form"
require_relative "declaration"
require_relative "follow_ups"
require_relative "guards"
require_relative "keys"
require_relative "lead_rules"
require_relative "partitions"
require_relative "reads"
require_relative "writes"

module CrmSync
  # The parts of crm_sync that are special to the sync of contacts.
  module Contacts
    # The words in which a contact sync is declared. Mistakes of form are found when the class is loaded; the message
    # names the line and the mend.
    module Dsl
      include CrmSync::Dsl
      include FollowUps
      include Guards
      include Keys
      include Partitions
      include Reads
      include Writes
      include Parts

      # Declares the object in which the contacts are.
      # @param object [String] the object's API name
      # @param where [String, Proc, nil] a SOQL condition, or a block without arguments that gives it at each run, or
      #   nil for none
      # @return [void]
      # @raise [CrmSync::MappingError] when a name cannot be one of Salesforce's
      # @example
      #   contacts "Contact", where: "Accounts_UUID__c != null"
      def contacts(object, where: nil)
        declaration.set(:contacts, source(object, where, here), here)
      end

      # Declares the object in which the leads are, and where the app has stored those that it made. The contact that
      # the stored lead of an unlinked user became is linked to the user, before any key.
      # @param object [String] the object's API name
      # @param where [String, Proc, nil] a SOQL condition, or a block without arguments that gives it at each run, or
      #   nil for none
      # @param foreign_key [Symbol, nil] the model's column that holds the id of a lead, which is never written
      # @return [void]
      # @raise [CrmSync::MappingError] when a name cannot be one of Salesforce's
      # @example
      #   leads "Lead", where: "LeadSource = 'OSC Faculty'"
      # @example
      #   leads "Lead", foreign_key: :salesforce_lead_id
      def leads(object, where: nil, foreign_key: nil)
        leads = source(object, where, here)
        leads.foreign_key = foreign_key && symbol(foreign_key, "foreign_key: names a column")
        declaration.set(:leads, leads, here)
      end

      # Declares the model to whose records contacts are matched.
      # @param name [String] the model's class name
      # @param foreign_key [Symbol] the column that holds the contact's id
      # @param through [Symbol, nil] a +has_one+ of the model whose row has that column. Its conditions are equalities,
      #   as for a key-value table: a link creates the row, a relink updates it, and an unlink deletes it
      # @param scope [Symbol, Array<Symbol>] scopes of the model: a row that is not in all of them is no user for this
      #   sync. It is not read or written, its values of keys count for nothing, and a contact that it has is free
      # @return [void]
      # @raise [CrmSync::MappingError] when it is declared twice
      # @example
      #   model "User", foreign_key: :salesforce_contact_id
      # @example
      #   model "User", foreign_key: :salesforce_contact_id, scope: :not_deleted
      # @example with has_one :contact_field, -> { where(name: "salesforce_contact_id") }, class_name: "UserField"
      #   model "User", foreign_key: :value, through: :contact_field
      def model(name, foreign_key:, through: nil, scope: [])
        right = Given.name?(name) || name.is_a?(Module)
        declaration.refuse(here, "model names a class, such as \"User\"; it is given #{Given.kind(name)}") unless right
        declaration.set(:model_name, name.to_s, here)
        declaration.set(:foreign_key, symbol(foreign_key, "foreign_key: names a column"), here)
        declaration.set(:through, through && symbol(through, "through: names a has_one of the model"), here)
        declaration.set(:scopes, scopes(scope), here)
      end

      # Restricts the users who may be linked; without it everybody may be.
      # @param scope [Symbol] a scope of the model
      # @return [void]
      # @example
      #   link_when :activated
      def link_when(scope)
        declaration.set(:link_scope, symbol(scope, "link_when names a scope of the model"), here)
      end

      # Declares what happens when several users could have the same contact.
      # @param policy [:hold, :link] +:hold+ leaves them alone and reports them; +:link+ links them all
      # @return [void]
      # @raise [CrmSync::MappingError] when it is neither
      # @example
      #   shared_contact :hold
      def shared_contact(policy)
        allowed = %i[hold link]
        declaration.refuse(here, "shared_contact is :hold or :link") unless allowed.include?(policy)
        declaration.set(:sharing, policy, here)
      end

      # Declares a column that follows the contact.
      #
      # A value that +map+ does not know quarantines the column for that user, unless +otherwise+ gives it a meaning.
      # @param column [Symbol]
      # @param from [String] a field, also of a parent: +"Account.Name"+
      # @param any_of [Array<String>] check boxes instead of +from+: true if one of them is, nil if there are none
      # @option options [:keep, Object] :blank +:keep+ leaves the column as it is where the field is blank; anything
      #   else is the value that the column gets then
      # @option options [Hash, :enum] :map source values (one, a list, a pattern, +nil+) to values of the column;
      #   +:enum+ takes the names of the column's enum as they are; without it the value is copied
      # @option options [Object] :otherwise the value for all that +map+ does not know
      # @option options [Boolean] :overwrite false writes only where the column is NULL or a text of white space
      # @option options [Object, Array] :privileged values that must not be lost lightly: leaving one counts as a
      #   demotion
      # @return [void]
      # @raise [CrmSync::MappingError] when the options do not fit together
      # @example
      #   attribute :using_openstax, from: "Adoption_Status__c", blank: :keep,
      #             map: { ["Current Adopter", "Future Adopter"] => true, "Past Adopter" => false }
      # @example
      #   attribute :faculty_status, from: "FV_Status__c", map: :enum, blank: :no_faculty_info
      # @example
      #   attribute :nickname, from: "Nickname__c", blank: nil, overwrite: false
      def attribute(column, from: nil, any_of: nil, **options)
        column = symbol(column, "attribute names a column")
        problem = AttributeForm.new(from:, any_of:, **options).problem
        same = ->(known) { known.subject == column }
        problem ||= "the column has an attribute already" if declaration.said(declaration.attributes, &same)
        declaration.refuse(here, "attribute #{column.inspect}: #{problem}") if problem
        attribute = Attribute.new(column, here, paths: Array(any_of || from), any_of: !any_of.nil?, **options)
        declaration.say(declaration.attributes, attribute, &same)
      end

      # Declares a +belongs_to+ of the model that follows the contact: its foreign key becomes that of the row that has
      # what the field has. A blank empties it. Where no row has the value, or several have, it stays as it is, with an
      # issue that counts the users.
      # @param association [Symbol] a +belongs_to+, neither polymorphic nor with a scope
      # @param from [String] a field, also of a parent: +"Account.Code__c"+
      # @param by [Symbol] the column of the association's rows; ids of Salesforce's are the same with 15 and 18
      #   characters
      # @return [void]
      # @raise [CrmSync::MappingError] when +from+ is no field, or the association is declared already
      # @example
      #   reference :school, from: "AccountId", by: :salesforce_id
      def reference(association, from:, by:)
        association = symbol(association, "reference names a belongs_to of the model")
        by = symbol(by, "by: names a column of its rows")
        problem = Internal::ApiName.no_field(from) unless Internal::ApiName.path?(from)
        same = ->(known) { known.subject == association }
        problem ||= "it is declared already" if declaration.said(declaration.attributes, &same)
        declaration.refuse(here, "reference #{association.inspect}: #{problem}") if problem
        declaration.say(declaration.attributes, Reference.new(association, here, from:, by:, declaration:), &same)
      end

      # Declares what happens when a user's contact is gone and no other takes its place: the user is unlinked and gets
      # these values, or is left alone.
      # @param policy [:keep, nil] +:keep+ leaves the user alone, with the contact's id, whyever the contact is gone;
      #   merges are followed and relinks are made all the same
      # @param set [Hash{Symbol => Object}] columns and values
      # @param after [Integer] the number of full reads in a row in which a contact must be missing if it may only be
      #   invisible: Salesforce does not show it as deleted, and the integration user is not known to see all records
      # @return [void]
      # @raise [CrmSync::MappingError] when +policy+ is something else or has values to set, or +after+ is below 1
      # @example
      #   contact_missing set: { faculty_status: :no_faculty_info }, after: 5
      # @example
      #   contact_missing :keep
      def contact_missing(policy = nil, set: {}, after: Declaration::Missing::READS)
        declaration.refuse(here, "contact_missing is :keep, or has values in set:") unless [nil, :keep].include?(policy)
        declaration.refuse(here, "contact_missing :keep sets nothing; leave out set:, or :keep") if policy && set != {}
        right = after.is_a?(Integer) && after.positive?
        declaration.refuse(here, "after: is a number of reads, 1 or more") unless right
        missing = Declaration::Missing.new(assignments(set, here), after, here, policy == :keep)
        declaration.set(:missing, missing, here)
      end

      # Declares the meaning of the leads of an unlinked user; the block calls +all+ and +otherwise+.
      # @param from [String] the field of the lead that holds the status
      # @param trust [Symbol, nil] the weakest scope that counts, among those of the keys that leads have; none where
      #   only stored leads count
      # @param scope [Symbol, nil] a scope of the model: the users whom it concerns
      # @return [void]
      # @raise [CrmSync::MappingError] when the block declares no rule
      # @example
      #   lead_status from: "Status", trust: :verified, scope: :legacy do
      #     all "Converted", set: { faculty_status: :rejected_faculty }
      #     otherwise        set: { faculty_status: :pending_faculty }
      #   end
      def lead_status(from:, trust: nil, scope: nil, &block)
        rules = LeadRules.new(self)
        rules.instance_eval(&block) if block
        declaration.refuse(here, "lead_status has no rules; add all or otherwise to its block") if rules.list.empty?
        declaration.refuse(here, Internal::ApiName.no_field(from)) unless Internal::ApiName.path?(from)
        trust &&= symbol(trust, "trust: names a scope that a key trusts")
        scope &&= symbol(scope, "scope: names a scope of the model")
        declaration.set(:lead_rules, Declaration::Leads.new(from, trust, scope, rules.list, here), here)
      end

      # Declares the values that are set for users whose addresses lead to no contact and no lead.
      # @param set [Hash{Symbol => Object}] columns and values
      # @param scope [Symbol, nil] a scope of the model: the users whom it concerns
      # @return [void]
      # @example
      #   unmatched set: { faculty_status: :no_faculty_info }, scope: :legacy
      def unmatched(set:, scope: nil)
        scope &&= symbol(scope, "scope: names a scope of the model")
        declaration.set(:sweep, Declaration::Sweep.new(assignments(set, here), scope, here), here)
      end

      private

      def scopes(given)
        (given.is_a?(Array) ? given : [given]).map { |one| symbol(one, "scope: names a scope of the model") }.uniq
      end

      def source(object, where, line)
        problem = Internal::ApiName.no_name(object) unless Internal::ApiName.path?(object)
        problem ||= where.is_a?(Proc) ? block_problem(where) : Internal::SoqlCondition.problem(where)
        declaration.refuse(line, problem) if problem
        Declaration::Source.new(object, where, line)
      end

      def block_problem(where)
        problem = Given.problem_of_block(where)
        problem && "where: #{problem}"
      end
    end
  end
end
