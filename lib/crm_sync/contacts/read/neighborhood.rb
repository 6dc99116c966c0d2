# frozen_string_literal: true

require_relative "part"
require_relative "people"
require_relative "reading"
require_relative "spelling"

module CrmSync
  module Contacts
    # Reads all that can bear on what is decided about a few users, and no more: their contacts, and the contacts and
    # leads that have their values; who else is linked to these or has their values; and so on until nothing new comes.
    # Whoever is decided on then is decided on as if everybody had been read.
    class Neighborhood
      # The bytes that a condition may have: a longer one, and the fields, do not fit into the address of a request.
      LONGEST = 6_000
      # The number of times that contacts and leads are asked for.
      ROUNDS = 10
      private_constant :LONGEST, :ROUNDS

      # @return [Part] how much of contacts and leads was read in the end
      attr_reader :extent

      # @param schema [CrmSync::Contacts::Schema]
      # @param org [CrmSync::Native::Salesforce]
      # @param host [CrmSync::Host]
      # @param keys [Array<Object>] of the users
      # @param everybody (see Reading#initialize)
      def initialize(schema, org, host, keys:, everybody: false)
        @schema = schema
        @declaration = schema.declaration
        @org = org
        @host = host
        @keys = keys
        @everybody = everybody
        @people = People.new(schema)
        @spelling = Spelling.new(schema)
      end

      # @yieldparam session [CrmSync::Native::ContactSession] a session that has read all of it
      # @return [Object] the result of the block
      # @raise [CrmSync::NeedsFullRun] when it is too much
      def open(&block)
        asked = @people.traces(@keys)
        ROUNDS.times do
          reading(asked).open do |session|
            more = more_than(asked, session) or return block.call(session)
            asked = more
          end
        end
        raise NeedsFullRun, too_much
      end

      private

      def reading(asked)
        @extent = Part.new(contacts: condition(:to, asked, asked.ids), leads: condition(:leads, asked))
        people = ->(session) { @read = people(session, asked.ids) }
        Reading.new(@schema, @org, @host, @extent, everybody: @everybody, people:)
      end

      # Returns the keys of the users who can have something to do with what has come, or with these contacts.
      def people(session, ids)
        here, elsewhere, values = session.reached(@host)
        Database.wake(@schema.connection) # It may have been idle while Salesforce was read.
        @keys | @people.with(here | elsewhere | ids, values)
      end

      # Returns what is still to be asked for, together with what was; nil where nothing new has come.
      def more_than(asked, session)
        here, elsewhere, values = session.reached(@host)
        found = People::Traces.new(elsewhere, values)
        # Asks for losers of merges and for leads last, and only once where nobody has one.
        beyond(asked, found, here, session) ||
          beyond(asked, People::Traces.new(merged_into(here), []), here, session) ||
          with_leads_of(asked, here)
      end

      def beyond(asked, found, here, session)
        people = people(session, asked.ids | found.ids)
        wanted = asked.merge(found).merge(@people.traces(people))
        wanted if (people - @read).any? || (wanted.ids - asked.ids - here).any? || wanted.texts != asked.texts
      end

      # Returns the contacts that were merged into these: somebody may still be linked to one of them. It is asked for
      # where a user may get one of them.
      def merged_into(ids)
        return [] if unrivalled?(ids)

        object = @declaration.contacts.object
        losers = "SELECT Id FROM #{object} WHERE IsDeleted = true AND MasterRecordId IN :ids"
        Salesforce.client(@declaration.org).query(losers, ids:, with_deleted: true).map { |row| row["Id"] }
      end

      # Returns what is still to be asked for because of users for whom the app has stored a lead that became one of
      # these contacts.
      def with_leads_of(asked, here)
        leads = leads_of(here | asked.ids)
        people = @people.with([], @schema.keys.map { |key| key.lead? ? leads : [] }) - @read
        asked.merge(@people.traces(people)) if people.any?
      end

      # Returns the leads that became these contacts, where the right of one user can depend on another's.
      def leads_of(ids)
        return [] if @declaration.stored_lead.nil? || unrivalled?(ids)

        leads = @declaration.leads
        test = "#{Reading::CONVERTED} IN #{Salesforce::Soql.quote(ids)}"
        conditions = [leads.condition, test].compact.map { |condition| "(#{condition})" }.join(" AND ")
        soql = "SELECT Id FROM #{leads.object} WHERE #{conditions}"
        Salesforce.client(@declaration.org).query(soql).map { |row| row["Id"] }
      end

      # Returns whether nobody can keep one of these contacts from the users.
      def unrivalled?(ids)
        ids.empty? || @declaration.sharing == :link || @people.linked?(@keys, ids)
      end

      # @param fields [:to, :leads] the fields in which keys stand
      def condition(fields, asked, ids = [])
        lists = [["Id", ids], *@schema.keys.zip(asked.texts).flat_map { |key, texts| lists(key, fields, texts) }]
        lists = lists.reject { |_, list| list.empty? }
        text = lists.map { |field, list| "#{field} IN #{Salesforce::Soql.quote(list)}" }.join(" OR ")
        raise NeedsFullRun, too_much if text.bytesize > LONGEST

        text.presence || "Id = null"
      end

      def lists(key, fields, texts)
        key.public_send(fields).map { |field| [field, @spelling.of(key, fields, field, texts)] }
      end

      def too_much
        model = @schema.model.name
        "too many users and contacts share addresses with #{model} #{@keys.first}, directly or through others, to be " \
          "asked for by themselves; run the sync for everybody, or with only: #{model}.where(...)"
      end
    end
    private_constant :Neighborhood
  end
end
