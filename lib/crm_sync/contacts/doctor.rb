# frozen_string_literal: true

require_relative "../sync/doctor"
require_relative "declare/host_check"
require_relative "examine/index_advice"
require_relative "examine/picklist_advice"
require_relative "examine/write_back_check"
require_relative "read/part"
require_relative "read/reading"
require_relative "schema"

module CrmSync
  module Contacts
    # Finds out whether a contact sync fits the app, its database and the org.
    class Doctor < Internal::Doctor
      # A condition that no record fulfills.
      NOBODY = "Id = null"
      private_constant :NOBODY

      private

      def examine
        fits = check("declaration") { declaration }
        tables
        lock
        indexes if fits
        return unless salesforce

        sight
        return unless fits && check("fields") { fields }

        picklists
        check("write-backs") { WriteBackCheck.new(@declaration, client).run } if @declaration.write_backs.any?
      end

      def declaration
        State.need_active_record(@sync.name)
        @schema = Schema.new(@declaration.complete!)
        HostCheck.run(@schema)
        @declaration.partition
        "it fits #{@schema.model.name} and the other models that it names"
      end

      def indexes
        warn_of("indexes", "users are found by the contact and by the keys") do
          HostCheck.issues(@schema).map(&:message) + IndexAdvice.new(@schema).texts
        end
      end

      # Sends the queries of a run, with a condition that no record fulfills.
      def fields
        settings = Salesforce.settings(@declaration.org)
        nobody = Part.new(contacts: NOBODY, leads: NOBODY)
        Reading.new(@schema, settings.native, Host.new(Log.new(@sync.name), settings.sessions), nobody,
                    people: ->(_) { [] }).open { nil }
        "the queries of a run are accepted, by Salesforce and by the database"
      end

      def picklists
        warn_of("picklists", "their values are those of the declaration") { PicklistAdvice.new(@schema, client).texts }
      end
    end
    private_constant :Doctor
  end
end
