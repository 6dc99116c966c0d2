# frozen_string_literal: true

require_relative "../../sync/dsl"
require_relative "../parts"
require_relative "declaration"
require_relative "form"

module CrmSync
  # The classes of the organization sync.
  module Organizations
    # The words that declare an organization sync. Mistakes of form are found when the class is loaded; the message
    # names the line and the correction.
    module Dsl
      include CrmSync::Dsl
      include Parts

      # Declares the Zendesk instance that is written, if several are configured.
      # @param name [Symbol] as in +CrmSync.configure { |c| c.zendesk(name) }+
      # @param gather [Array<Symbol>] the instances whose organizations the stage +gather_organizations+ reads, each
      #   into a file of its own; the instance that is written is always among them
      # @return [void]
      # @raise [CrmSync::MappingError] when the instance is declared twice
      # @example
      #   zendesk :global, gather: %i[global usgov]
      def zendesk(name, gather: [name])
        names = [name, *gather].map { |instance| symbol(instance, "zendesk names an instance") }.uniq
        declaration.set(:instance, Declaration::Instance.new(names.first, names, here), here)
      end

      # Declares the Salesforce object that contains the accounts.
      # @param object [String] the API name of the object
      # @param key [String] the field that holds the account's id, such as +"Id"+ or a formula with it
      # @param also [Array<String>] fields that are read although nothing is written from them: those of +where:+, so
      #   that a field that turns blank is noticed
      # @param where [String, Proc, nil] a SOQL condition; a block without arguments that returns one, or nil, at each
      #   run; or nil for no condition
      # @return [void]
      # @raise [CrmSync::MappingError] when a name cannot be an API name of Salesforce, or the condition is invalid
      # @example
      #   accounts "Account", key: "Id", also: %w[Type], where: "Type = 'Partner'"
      def accounts(object, key:, also: [], where: nil)
        wrong = [object, key, *also].find { |name| !Internal::ApiName.path?(name) }
        problem = wrong ? Internal::ApiName.no_name(wrong) : condition_problem(where)
        declaration.refuse(here, problem) if problem
        declaration.set(:accounts, Declaration::Accounts.new(object, key, Array(also), where, here), here)
      end

      # Declares the organizations that belong to the sync.
      # @param key [Symbol] the organization field that holds the account's id; or +:external_id+, the attribute in
      #   which Zendesk's own connector for Salesforce stores it. There, a value that is not an account's id belongs to
      #   another integration
      # @param managed [Hash{Symbol => Array<String>}, nil] the drop-down and its values (tags) that make an
      #   organization a managed one: only those are marked. Without it, the account's id makes an organization managed,
      #   and no organization can be marked
      # @return [void]
      # @raise [CrmSync::MappingError] unless +managed+ has one drop-down with its values
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
      # @raise [CrmSync::MappingError] when the attribute cannot be written, or the options do not fit together
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
      # @param key [Symbol] the key of the field in Zendesk
      # @option source [String] :from a field of the account, or of a parent: +"Owner.Name"+
      # @option source [Symbol] :as +:salesforce_id15+ writes an id in 15 characters
      # @option source [Object] :equals writes whether the account's field has this value
      # @option source [Hash{Hash{String => Object} => Object}] :first_of is used instead of +from:+, and maps
      #   conditions to values; the first condition that holds determines the value; if none holds, there is no value,
      #   and the drop-down of +managed:+ stays as it is
      # @return [void]
      # @raise [CrmSync::MappingError] when the options do not fit together
      # @example
      #   field :restricted_account, from: "Restricted_Account__c", equals: "Restricted Party"
      #   field :account_type, first_of: { { "Partner_Track__c" => "Open" } => "open_partner" }
      def field(key, **source)
        follow(:field, key, source)
      end

      # Declares how managed organizations without an account are marked.
      # @param field [Symbol] the key of the checkbox
      # @param unmark [:always, :never] whether the mark is taken back when the account exists again
      # @param look_up [Boolean] whether to look up a missing account by its id before its organization is marked, so
      #   that the plan can say what happened to it; the stage +compare+ looks up nothing
      # @param after [Integer] the number of full reads in a row in which an account must have left no trace, neither
      #   among the existing nor among the deleted ones, before its organization is marked: the account may only be
      #   invisible to the integration user
      # @return [void]
      # @raise [CrmSync::MappingError] when an argument is invalid
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

      # Restricts the marks to organizations with a date that is more than a duration ago. An organization whose date is
      # missing or cannot be read is not marked, and is reported.
      # @param older_than [ActiveSupport::Duration]
      # @param by [Symbol] the key of the field with the date, which may be a date or a text
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

      # Declares what happens when an organization that is not managed has the id of an account.
      # @param policy [:adopt, :report] +:adopt+ updates the organization, so that it becomes a managed one; +:report+
      #   leaves it alone. In no case is another one created
      # @return [void]
      # @raise [CrmSync::MappingError] when the policy is neither
      # @example
      #   outside_managed :adopt
      def outside_managed(policy)
        declaration.set(:outside_managed, policy_of("outside_managed", policy), here)
      end

      # Declares what happens when an organization without an account id has the name that a new one would get.
      # @param policy [:adopt, :report] +:adopt+ treats the organization as the account's; +:report+ leaves it alone
      # @return [void]
      # @raise [CrmSync::MappingError] when the policy is neither
      # @example
      #   name_taken :report
      def name_taken(policy)
        declaration.set(:name_taken, policy_of("name_taken", policy), here)
      end

      # Declares whether the account's id is also written to +external_id+, which makes creates repeatable. Other
      # integrations may use that attribute for themselves.
      # @param wanted [Boolean]
      # @return [void]
      # @raise [CrmSync::MappingError] when it is declared twice, or the argument is not true or false
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
