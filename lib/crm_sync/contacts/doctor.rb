# frozen_string_literal: true

require_relative "../salesforce/described_fields"
require_relative "../sync/doctor"
require_relative "declare/host_check"
require_relative "examine/index_advice"
require_relative "examine/key_advice"
require_relative "examine/picklist_advice"
require_relative "examine/write_access"
require_relative "examine/write_back_check"
require_relative "read/declared_paths"
require_relative "read/part"
require_relative "read/reading"
require_relative "schema"

module CrmSync
  module Contacts
    # Finds out whether a contact sync fits the app, its database and the org.
    class Doctor < Internal::Doctor
      private

      def examine
        fits = check("declaration") { declaration }
        tables
        lock
        app if fits
        signed_in = salesforce
        sight if signed_in
        org(signed_in) if fits
      end

      def app
        check("writes") { writes }
        indexes
      end

      # @param signed_in [Boolean] whether the org can be asked
      def org(signed_in)
        known = signed_in && fields_described?
        keys(known ? described : nil)
        return unless known

        picklists
        check("write-backs") { WriteBackCheck.new(@declaration, described).run } if @declaration.write_backs.any?
      end

      # Checks the fields that are read.
      # @return [Boolean] whether the org has described its objects, so that more can be checked
      def fields_described?
        missing = nil
        check("fields") do
          @declaration.refuse_all((missing = missing_fields).to_a)
          fields
        end
        !missing.nil?
      end

      # Returns the fields that are not there; nil if the org describes no such object, which the query then tells with
      # the line.
      def missing_fields
        paths = DeclaredPaths.new(@declaration)
        missing = described.missing(@declaration.contacts.object, paths.contacts)
        missing += described.missing(@declaration.leads.object, paths.leads) if @declaration.leads_matter?
        missing
      rescue RemoteError => e
        raise unless Internal::DescribedFields::UNDESCRIBED.include?(e.status)
      end

      def declaration
        State.need_active_record(@sync.name)
        @schema = Schema.new(@declaration.complete!)
        HostCheck.run(@schema)
        @declaration.partition
        "it fits #{@schema.model.name} and the other models that it names"
      end

      def writes
        refuse_read_only(@schema.model)
        WriteAccess.new(@schema).run
      end

      def indexes
        warn_of("indexes", "users are found by the contact and by the keys") do
          HostCheck.issues(@schema).map(&:message) + IndexAdvice.new(@schema).texts
        end
      end

      # Sends the queries of a run, with a condition that no record fulfills.
      def fields
        settings = Salesforce.settings(@declaration.org)
        nobody = Part.new(contacts: Part::NOTHING, leads: Part::NOTHING)
        Reading.new(@schema, settings.native, Host.new(Log.new(@sync.name), settings.sessions), nobody,
                    people: ->(_) { [] }).open { nil }
        "the queries of a run are accepted, by Salesforce and by the database"
      end

      def keys(described)
        warn_of("keys", "their values are compared in the way that Salesforce spells them") do
          KeyAdvice.new(@schema, described).texts
        end
      end

      def picklists
        warn_of("picklists", "their values are those of the declaration") do
          PicklistAdvice.new(@schema, described).texts
        end
      end

      def described = @described ||= Internal::DescribedFields.new(client)
    end
    private_constant :Doctor
  end
end
