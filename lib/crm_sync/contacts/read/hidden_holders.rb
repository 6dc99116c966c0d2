# frozen_string_literal: true

require_relative "membership"

module CrmSync
  module Contacts
    # Finds rows that have a contact and are hidden by the model's default scope or type, such as users who were deleted
    # softly, and siblings of an STI class. The decision does not know them. By rule 8 a user who is linked already
    # comes first, so a user who would get the contact of such a row is held, with an issue that names both. A row
    # outside of the declared scopes is no user, and holds nobody.
    class HiddenHolders
      # The number of ids, in each of their spellings, in one query.
      SLICE = 5_000
      # The actions that give a user a contact.
      LINKING = %i[link relink].freeze
      private_constant :SLICE, :LINKING

      # @param plan [CrmSync::Plan]
      # @param key [Object] the key of a user
      # @return [Array<String>] the reason why the user is held, if it is a hidden row
      def self.story(plan, key)
        issues = plan.issues.select { |issue| issue.kind == :hidden_holder && issue.users.include?(key) }
        issues.map { |issue| "held: #{issue.message}" }
      end

      # @param schema [CrmSync::Contacts::Schema]
      # @param changes [Array<CrmSync::Contacts::Change>] the changes of a decision
      def initialize(schema, changes)
        @schema = schema
        @all = changes
        @holders = holders(linking)
      end

      # @return [Array<CrmSync::Contacts::Change>] the changes that may be made
      def changes
        @all - held
      end

      # @return [Array<CrmSync::Issue>] one for each contact, in the order of the ids
      def issues
        held.group_by(&:contact_id).sort.map { |contact, changes| issue(contact, changes.map(&:key)) }
      end

      # @param ledger [CrmSync::Ledger] the ledger of the decision
      # @return [CrmSync::Ledger] the ledger with these users in the bucket +held+
      def books(ledger)
        return ledger if held.empty?

        moves = held.map { |change| [change.action, :held] }.tally
        moves[%i[matched held]] = held.map(&:contact_id).uniq.size
        ledger.with_left_alone(moves, changes)
      end

      private

      def held
        @held ||= linking.select { |change| @holders.key?(change.contact_id) }
      end

      def linking
        return [] if @schema.declaration.sharing != :hold || condition == "(1 = 1)"

        @all.select { |change| LINKING.include?(change.action) && change.contact_id }
      end

      def condition
        @condition ||= Membership.sql(@schema.model.all)
      end

      # @return [Hash{String => Array<Object>}] the keys of the hidden rows, for each contact that they have
      def holders(changes)
        ids = spellings(changes.map(&:contact_id))
        rows = ids.keys.each_slice(SLICE).flat_map { |slice| hidden(slice) }
        found = rows.each_with_object(Hash.new { |keys, id| keys[id] = [] }) do |(key, link), keys|
          of_link(ids, link).each { |id| keys[id] << key }
        end
        found.transform_values(&:sort)
      end

      # @return [Hash{String => String}] the contacts by each spelling in which they may be stored
      def spellings(contacts)
        contacts.flat_map { |id| RecordId.spellings(id).map { |text| [text, id] } }.to_h
      end

      # Returns the contacts for which the database may take a stored link: it may pad the link with blanks, or ignore
      # letter case, so that a unique index counts the contact as taken, too.
      def of_link(ids, link)
        text = link.strip
        return [ids[text]] if ids.key?(text)

        @folded ||= ids.keys.group_by(&:downcase)
        @folded.fetch(text.downcase, []).map { |spelling| ids[spelling] }.uniq
      end

      def hidden(ids)
        @schema.link.holders(@schema.everybody.where(Arel.sql("CASE WHEN #{condition} THEN 0 ELSE 1 END = 1")), ids)
      end

      def issue(contact, users)
        hidden = @holders.fetch(contact)
        model = @schema.model.name
        hiding, getting = [hidden, users].map { |keys| Presentable.named("user", keys) }
        message = "contact #{contact} is that of #{hiding}, which the default scope or the type of #{model} " \
                  "hides, so #{getting} does not get it; #{@schema.link.mend("the hidden row")}, or merge the two"
        Issue.new(kind: :hidden_holder, message:, contacts: [contact], users: users + hidden)
      end
    end
    private_constant :HiddenHolders
  end
end
