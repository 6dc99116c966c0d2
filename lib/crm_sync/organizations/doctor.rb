# frozen_string_literal: true

require_relative "../salesforce/described_fields"
require_relative "../sync/block_check"
require_relative "../sync/doctor"
require_relative "declare/fields"
require_relative "read/gathering"

module CrmSync
  module Organizations
    # Finds out whether an organization sync fits the org and the Zendesk instances.
    class Doctor < Internal::Doctor
      private

      def examine
        complete = check("declaration") { declaration }
        tables
        lock
        writes
        if salesforce
          sight
          check("accounts") { accounts } if complete
        end
        @declaration.instance.gather.each { |instance| zendesk(instance, complete) }
      end

      def declaration
        @declaration.complete!
        @declaration.refuse_all(BlockCheck.new(@declaration).problems)
        "it is complete"
      end

      # Checks whether the tables in which the sync keeps its data can be written, if they are there.
      def writes
        return unless State.database? && (rows = StateRow.beside(@declaration.home)).there?

        check("writes") do
          refuse_read_only(rows)
          "the database can be written"
        end
      end

      def accounts
        gathering = Gathering.new(@declaration, Log.new(@sync.name))
        @declaration.refuse_all(missing(gathering.paths))
        gathering.try_accounts
        "Salesforce accepts the query of a run"
      end

      # Returns the fields that are not there; none if the org does not describe the object, which the query then tells
      # with the line.
      def missing(paths)
        Internal::DescribedFields.new(client).missing(@declaration.accounts.object, paths)
      rescue RemoteError => e
        raise unless Internal::DescribedFields::UNDESCRIBED.include?(e.status)

        []
      end

      # Checks whether the instance accepts the settings, and whether it has the fields if it is the one that is
      # written.
      def zendesk(instance, complete)
        host = Zendesk.settings(instance).host
        definitions = nil
        signed_in = check("Zendesk") do
          definitions = Zendesk.client(instance).organization_fields
          "signed in to #{host}"
        end
        return unless signed_in && complete && instance == @declaration.instance.name

        check("fields") { written(definitions, host) }
      end

      def written(definitions, host)
        @declaration.refuse_all(Fields.new(@declaration, definitions, host).problems)
        "the organization fields that are written are there"
      end
    end
    private_constant :Doctor
  end
end
