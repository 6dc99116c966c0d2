# frozen_string_literal: true

require_relative "../../sync/dsl"
require_relative "../parts"
require_relative "declaration"
require_relative "form"

module CrmSync
  # The parts of crm_sync that are special to the sync of organizations.
  module Organizations
    # The words in which an organization sync is declared. Mistakes of form are found when the class is loaded; the
    # message names the line and the mend.
    module Dsl
      include CrmSync::Dsl
      include Parts

      # Returns a value as it is written in SOQL, for +where:+.
      # @param value [Object] a value that {CrmSync::Salesforce::Soql.quote} takes
      # @return [String]
      # @raise [ArgumentError] when SOQL has no form for the value
      # @example
      #   accounts "Account", key: "Id", where: "OwnerId = #{soql ENV.fetch("OWNER")}"
      def soql(value)
        Salesforce::Soql.quote(value)
      end

      # Declares the Zendesk instance that is written, if several are configured.
      # @param name [Symbol] as in +CrmSync.configure { |c| c.zendesk(name) }+
      # @param gather [Array<Symbol>] the instances whose organizations the stage +gather_organizations+ reads, each
      #   into a file of its own; the one that is written is always among them
      # @return [void]
      # @raise [CrmSync::MappingError] when it is declared twice
      # @example
      #   zendesk :global, gather: %i[global usgov]
      def zendesk(name, gather: [name])
        names = [name, *gather].map { |instance| symbol(instance, "zendesk names an instance") }.uniq
        declaration.set(:instance, Declaration::Instance.new(names.first, names, here), here)
      end

      # Declares the object in which the accounts are.
      # @param object [String] the object's API name
      # @param key [String] the field that holds the account's id, such as +"Id"+ or a formula with it
      # @param also [Array<String>] fields that are read although nothing is written from them: those of +where:+, so
      #   that it is noticed when one turns blank
      # @param where [String, nil] a SOQL condition
      # @return [void]
      # @raise [CrmSync::MappingError] when a name cannot be one of Salesforce's
      # @example
      #   accounts "Account", key: "Id", also: %w[Type], where: "Type = 'Partner'"
      def accounts(object, key:, also: [], where: nil)
        wrong = [object, key, *also].find { |name| !Internal::ApiName.path?(name) }
        problem = wrong ? Internal::ApiName.no_name(wrong) : Internal::SoqlCondition.problem(where)
        declaration.refuse(here, problem) if problem
        declaration.set(:accounts, Declaration::Accounts.new(object, key, Array(also), where&.strip, here), here)
      end

      # Declares the organizations that belong to the sync.
      # @param key [Symbol] the organization field that holds the account's id; or +:external_id+, the attribute in
      #   which Zendesk's own connector for Salesforce writes it, where what is no account's id is somebody else's
      # @param managed [Hash{Symbol => Array<String>}, nil] the drop-down and its values (tags) that make an
      #   organization this sync's own: only those are marked. Without it the account's id makes it so, and nothing can
      #   be marked
      # @return [void]
      # @raise [CrmSync::MappingError] when there is not one drop-down with its values
      # @example
      #   organizations key: :salesforce_id, managed: { account_type: %w[open_partner select_partner] }
      # @example
      #   organizations key: :external_id
      def organizations(key:, managed: nil)
        field, values = drop_down(managed) if managed
        key = symbol(key, "key: names an organization field")
        parts = [key.to_s, field, Array(values), here]
        declaration.set(:organizations, Declaration::Organizations.new(*parts), here)
      end

      # Declares an attribute of the organization itself that follows the account.
      # @param name [Symbol] +:name+, +:details+, +:notes+, +:shared_tickets+ or +:shared_comments+
      # @option source (see #field)
      # @return [void]
      # @raise [CrmSync::MappingError] when it cannot be written, or the options do not fit together
      # @example
      #   attribute :name, from: "Name"
      def attribute(name, **source)
        name = symbol(name, "attribute has a name")
        unless Attribute::OWN.key?(name.to_s)
          declaration.refuse(here, "attribute #{name.inspect} #{Form.why_not(name)}; there are " \
                                   "#{Attribute::OWN.keys.join(", ")}, and field for custom ones")
        end
        follow(:attribute, name, source)
      end

      # Declares a custom field of the organization that follows the account.
      # @param key [Symbol] the field's key in Zendesk
      # @option source [String] :from a field of the account, also of a parent: +"Owner.Name"+
      # @option source [Symbol] :as +:salesforce_id15+ writes an id in 15 characters
      # @option source [Object] :equals writes whether the account's field has this value
      # @option source [Hash{Hash{String => Object} => Object}] :first_of instead of +from:+; conditions and values, of
      #   which the first whose condition holds counts; if none holds, there is no value
      # @return [void]
      # @raise [CrmSync::MappingError] when the options do not fit together
      # @example
      #   field :restricted_account, from: "Restricted_Account__c", equals: "Restricted Party"
      #   field :account_type, first_of: { { "Partner_Track__c" => "Open" } => "open_partner" }
      def field(key, **source)
        follow(:field, key, source)
      end

      # Declares how organizations are marked that are managed and have no account.
      # @param field [Symbol] the key of the checkbox
      # @param unmark [:always, :never] whether the mark is taken back when the account is there again
      # @param look_up [Boolean] whether an account that did not come is asked for by its id before its organization is
      #   marked, so that the plan can say what happened to it; the stage +compare+ asks nobody
      # @param after [Integer] the number of full reads in a row in which an account must have left no trace, neither
      #   among the existing nor among the deleted ones, before its organization is marked: the account may only be
      #   invisible to the integration user
      # @return [void]
      # @raise [CrmSync::MappingError] when +unmark+ is neither, or +after+ is below 1
      # @example
      #   mark :mark_for_deletion, unmark: :always
      def mark(field, unmark: :always, look_up: false, after: 3)
        declaration.refuse(here, "unmark: is :always or :never") unless %i[always never].include?(unmark)
        field = symbol(field, "mark names a checkbox")
        flag("look_up:", look_up)
        right = after.is_a?(Integer) && after.positive?
        declaration.refuse(here, "after: is a number of reads, 1 or more") unless right
        rule = Declaration::Mark.new(field.to_s, unmark == :always, look_up, here, after)
        declaration.set(:mark_rule, rule, here)
      end

      # Restricts the marks to organizations with a date that is long enough ago. An organization without a date that
      # can be read is kept and reported.
      # @param older_than [ActiveSupport::Duration]
      # @param by [Symbol] the key of the field with the date, a date or a text
      # @return [void]
      # @raise [CrmSync::MappingError] when +older_than+ is not a duration
      # @example
      #   mark_only_if older_than: 3.years, by: :expiration_date
      def mark_only_if(older_than:, by:)
        right = older_than.is_a?(ActiveSupport::Duration) && older_than.positive?
        declaration.refuse(here, "older_than: is a duration, such as 3.years") unless right
        by = symbol(by, "by: names an organization field")
        declaration.set(:mark_filter, Declaration::OlderThan.new(older_than, by.to_s, here), here)
      end

      # Declares what happens when an account's id stands on an organization that is not managed.
      # @param policy [:adopt, :report] +:adopt+ updates the organization, so that it becomes a managed one; +:report+
      #   leaves it alone. In no case is another one created
      # @return [void]
      # @raise [CrmSync::MappingError] when it is neither
      # @example
      #   outside_managed :adopt
      def outside_managed(policy)
        declaration.set(:outside_managed, policy_of("outside_managed", policy), here)
      end

      # Declares what happens when an organization without an account id has the name that a new one would get.
      # @param policy [:adopt, :report] +:adopt+ takes the organization for the account's; +:report+ leaves it alone
      # @return [void]
      # @raise [CrmSync::MappingError] when it is neither
      # @example
      #   name_taken :report
      def name_taken(policy)
        declaration.set(:name_taken, policy_of("name_taken", policy), here)
      end

      # Declares whether the account's id is also written to +external_id+, which makes creates repeatable. Other
      # integrations may use that attribute for themselves.
      # @param wanted [Boolean]
      # @return [void]
      # @raise [CrmSync::MappingError] when it is declared twice
      # @example
      #   external_id true
      def external_id(wanted)
        flag("external_id", wanted)
        declaration.set(:external_id, wanted, here)
      end

      private

      # Returns the key of the drop-down, and its tags.
      def drop_down(managed)
        field, values = managed.to_a.first if managed.is_a?(Hash)
        right = field && managed.one? && Array(values).any? && Array(values).all?(String)
        declaration.refuse(here, "managed: names one drop-down and its values") unless right
        [field.to_s, Array(values)]
      end

      def flag(word, value)
        declaration.refuse(here, "#{word} is true or false") unless [true, false].include?(value)
      end

      def follow(place, name, source)
        name = symbol(name, "#{place} has a name")
        problem = Form.problem(source)
        same = ->(known) { known.name == name.to_s }
        problem ||= "it is declared twice; keep one" if declaration.said(declaration.attributes, &same)
        declaration.refuse(here, "#{place} #{name.inspect}: #{problem}") if problem
        declaration.say(declaration.attributes, Attribute.new(place, name, here, **source), &same)
      end

      def policy_of(word, policy)
        declaration.refuse(here, "#{word} is :adopt or :report") unless %i[adopt report].include?(policy)
        policy
      end
    end
  end
end
