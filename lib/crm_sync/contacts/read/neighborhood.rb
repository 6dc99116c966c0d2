# frozen_string_literal: true

require_relative "part"
require_relative "people"
require_relative "reading"
require_relative "spelling"

module CrmSync
  module Contacts
    # Reads everything that can affect the decision about a few users, and no more: their contacts, and the contacts and
    # leads that have their values; the other users who are linked to these or have their values; and so on until
    # nothing new is found. The users are then decided on as if everybody had been read.
    class Neighborhood
      # The largest size of a condition in bytes: together with the fields, a longer one does not fit into the URL of a
      # request.
      LONGEST = 6_000
      # The largest number of times that contacts and leads are queried.
      ROUNDS = 10
      private_constant :LONGEST, :ROUNDS

      # @return [Part] how much of contacts and leads was read in the end
      attr_reader :extent

      # @param schema [CrmSync::Contacts::Schema]
      # @param org [CrmSync::Native::Salesforce]
      # @param host [CrmSync::Host]
      # @param keys [Array<Object>] the keys of the users
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

      # @yieldparam session [CrmSync::Native::ContactSession] a session that has read all this
      # @return [Object] the result of the block
      # @raise [CrmSync::NeedsFullRun] when this is too much
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

      # Returns the keys of the users who can be affected by the records that were read, or by these contacts.
      def people(session, ids)
        here, elsewhere, values = session.reached(@host)
        @keys | limited { @people.with(here | elsewhere | ids, values) }
      end

      # Returns everything that the next round asks for; nil if nothing new was found.
      def more_than(asked, session)
        here, elsewhere, values = session.reached(@host)
        found = People::Traces.new(elsewhere, values)
        # Asks for losers of merges and for leads last, so that it asks only once if there are none.
        beyond(asked, found, here, session) ||
          beyond(asked, People::Traces.new(merged_into(here), []), here, session) ||
          with_leads_of(asked, here)
      end

      def beyond(asked, found, here, session)
        people, traces = limited do
          people(session, asked.ids | found.ids).then { |keys| [keys, @people.traces(keys)] }
        end
        wanted = asked.merge(found).merge(traces)
        wanted if (people - @read).any? || (wanted.ids - asked.ids - here).any? || wanted.texts != asked.texts
      end

      # Returns the contacts that were merged into these, because a user may still be linked to one of them. Asks for
      # them only if a user may get one of these contacts.
      def merged_into(ids)
        return [] if unrivalled?(ids)

        object = @declaration.contacts.object
        losers = "SELECT Id FROM #{object} WHERE IsDeleted = true AND MasterRecordId IN :ids"
        Salesforce.client(@declaration.org).query(losers, ids:, with_deleted: true).map { |row| row["Id"] }
      end

      # Returns everything that the next round asks for because of users for whom the app has stored a lead that became
      # one of these contacts; nil if there are no such users.
      def with_leads_of(asked, here)
        leads = leads_of(here | asked.ids)
        return if leads.empty?

        limited do
          people = @people.with([], @schema.keys.map { |key| key.lead? ? leads : [] }) - @read
          asked.merge(@people.traces(people)) if people.any?
        end
      end

      # Returns the leads that became these contacts, if the right of one user can depend on that of another.
      def leads_of(ids)
        return [] if @declaration.stored_lead.nil? || unrivalled?(ids)

        leads = @declaration.leads
        test = "#{Reading::CONVERTED} IN #{Salesforce::Soql.quote(ids)}"
        soql = "SELECT Id FROM #{leads.object} WHERE #{leads.and_also(test)}"
        Salesforce.client(@declaration.org).query(soql).map { |row| row["Id"] }
      end

      # Returns whether no other user can keep one of these contacts from the users.
      def unrivalled?(ids)
        ids.empty? || @declaration.sharing == :link || limited { @people.linked?(@keys, ids) }
      end

      # Salesforce is read between these queries, so they have no transaction in common.
      def limited(&) = Database.for(@schema.connection).limited(&)

      # @param fields [:to, :leads] which fields of the keys are meant
      def condition(fields, asked, ids = [])
        lists = @schema.keys.zip(asked.texts).flat_map { |key, texts| @spelling.lists(key, fields, texts) }
        text = Part.any([["Id", ids], *lists])
        raise NeedsFullRun, too_much if text.bytesize > LONGEST

        text
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
