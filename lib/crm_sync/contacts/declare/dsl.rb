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
  # The part of crm_sync that syncs contacts.
  module Contacts
    # The words with which a contact sync is declared. Errors in the form of a declaration are raised when the class is
    # loaded; the message names the line and says how to correct it.
    module Dsl
      include CrmSync::Dsl
      include FollowUps
      include Guards
      include Keys
      include Partitions
      include Reads
      include Writes
      include Parts

      # Declares the Salesforce object that has the contacts.
      # @param object [String] the API name of the object
      # @param where [String, Proc, nil] a SOQL condition; a block without arguments that returns one, or nil, at each
      #   run; or nil for no condition
      # @return [void]
      # @raise [CrmSync::MappingError] when +object+ is not a valid API name, or +where+ is not valid
      # @example
      #   contacts "Contact", where: "Accounts_UUID__c != null"
      def contacts(object, where: nil)
        declaration.set(:contacts, source(object, where, here), here)
      end

      # Declares the Salesforce object that has the leads, and the column in which the app has stored the leads that it
      # created. An unlinked user who may be linked gets the contact that the stored lead became, if the lead was
      # converted; this comes before any key.
      # @param object [String] the API name of the object
      # @param where [String, Proc, nil] a SOQL condition; a block without arguments that returns one, or nil, at each
      #   run; or nil for no condition
      # @param foreign_key [Symbol, nil] the column of the model that holds the id of a lead. The sync only reads it
      # @return [void]
      # @raise [CrmSync::MappingError] when +object+ is not a valid API name, or +where+ is not valid
      # @example
      #   leads "Lead", where: "LeadSource = 'OSC Faculty'"
      # @example
      #   leads "Lead", foreign_key: :salesforce_lead_id
      def leads(object, where: nil, foreign_key: nil)
        leads = source(object, where, here)
        leads.foreign_key = foreign_key && symbol(foreign_key, "foreign_key: names a column")
        declaration.set(:leads, leads, here)
      end

      # Declares the model whose records are matched to contacts.
      # @param name [String] the class name of the model
      # @param foreign_key [Symbol] the column that holds the contact's id
      # @param through [Symbol, nil] a +has_one+ of the model, if the column is in the row of this association. Its
      #   conditions must be equalities, as for a key-value table. A link creates the row, a relink updates it, and an
      #   unlink deletes it
      # @param scope [Symbol, Array<Symbol>] scopes of the model that limit the users. A row that is not in all of these
      #   scopes is no user for this sync: it is neither read nor written, its values of keys are ignored, and its
      #   contact is free for other users
      # @return [void]
      # @raise [CrmSync::MappingError] when a name is not valid, or the model is declared twice
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

      # Restricts the users who may be linked. Without it, every user may be.
      # @param scope [Symbol] a scope of the model
      # @return [void]
      # @example
      #   link_when :activated
      def link_when(scope)
        declaration.set(:link_scope, symbol(scope, "link_when names a scope of the model"), here)
      end

      # Declares what happens when several users could be linked to the same contact.
      # @param policy [:hold, :link] +:hold+ leaves these users as they are and reports them; +:link+ links them all
      # @return [void]
      # @raise [CrmSync::MappingError] when +policy+ is neither of these
      # @example
      #   shared_contact :hold
      def shared_contact(policy)
        allowed = %i[hold link]
        declaration.refuse(here, "shared_contact is :hold or :link") unless allowed.include?(policy)
        declaration.set(:sharing, policy, here)
      end

      # Declares a column whose value follows the contact.
      #
      # If a value is not in +map+ and there is no +otherwise+, it is quarantined: the column of that user is left as it
      # is, with an issue.
      # @param column [Symbol] the column of the model
      # @param from [String] the field of the contact, or of a parent: +"Account.Name"+
      # @param any_of [Array<String>] the names of checkbox fields, instead of +from+. The value is true if any of them
      #   is true, nil if all of them are null, otherwise false
      # @option options [:keep, Object] :blank +:keep+ leaves the column as it is if the field is blank; anything else
      #   is the value that the column gets then
      # @option options [Hash, :enum] :map a Hash of source values (a value, an array of them, a pattern or +nil+) to
      #   values of the column; or +:enum+, which accepts the names of the column's enum as they are. Without a map, the
      #   value is copied
      # @option options [Object] :otherwise the value for all source values that are not in +map+
      # @option options [Boolean] :overwrite if false, the column is written only if it is NULL or a text of white space
      # @option options [Object, Array] :privileged values that must not be lost lightly: a change away from one of them
      #   counts as a demotion
      # @return [void]
      # @raise [CrmSync::MappingError] when the options contradict each other, or the column has an attribute already
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

      # Declares a +belongs_to+ of the model that follows the contact. Its foreign key is set to the row whose column
      # +by+ has the same value as the field. A blank field sets it to NULL. If no row has the value, or several have
      # it, the foreign key is left as it is, with an issue that counts the users.
      # @param association [Symbol] the name of a +belongs_to+ that is not polymorphic and has no scope
      # @param from [String] the field of the contact, or of a parent: +"Account.Code__c"+
      # @param by [Symbol] the column of the associated rows; Salesforce ids of 15 and of 18 characters compare as equal
      # @return [void]
      # @raise [CrmSync::MappingError] when +from+ is not a valid field, or the association is declared already
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

      # Declares what happens when a user's contact is gone and no other contact takes its place: the user is unlinked
      # and gets the given values, or is left alone.
      # @param policy [:keep, nil] +:keep+ leaves the user alone, with the contact's id, for whatever reason the contact
      #   is gone. Merges are still followed and relinks are still made
      # @param set [Hash{Symbol => Object}] the values by column
      # @param after [Integer] the number of consecutive full reads in which a contact must be missing if it may only be
      #   invisible: Salesforce does not show it as deleted, and the integration user is not known to see all records
      # @return [void]
      # @raise [CrmSync::MappingError] when +policy+ is something else or has values to set, or +after+ is not an
      #   Integer of 1 or more
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

      # Declares what the leads of an unlinked user mean. The block calls +all+ and +otherwise+ (see {LeadRules}).
      # @param from [String] the field of the lead that holds the status
      # @param trust [Symbol, nil] the weakest trusted scope whose values lead to leads, among the scopes of the keys
      #   that have +leads:+; nil if only stored leads count
      # @param scope [Symbol, nil] a scope of the model that limits the users concerned
      # @return [void]
      # @raise [CrmSync::MappingError] when the block declares no rule, or +from+ is not a valid field
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

      # Declares values that are set for users whose keys lead to no contact and no lead.
      # @param set [Hash{Symbol => Object}] the values by column
      # @param scope [Symbol, nil] a scope of the model that limits the users concerned
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
        problem ||= condition_problem(where)
        declaration.refuse(line, problem) if problem
        Declaration::Source.new(object, where, line)
      end
    end
  end
end
