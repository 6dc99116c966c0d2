# frozen_string_literal: true

require_relative "../../sync/blank"

module CrmSync
  module Contacts
    # Reads the fields of contacts for write-backs that write only where there is no value, right before these are sent.
    class FilledFields
      # @param contacts [Proc, nil] reads contacts: it is called with their ids and the names of fields, and returns a
      #   record or nil for each id
      def initialize(contacts)
        @contacts = contacts
      end

      # @param going [Hash{CrmSync::DueRows::Row => Declaration::WriteBack}] the write-backs that are about to be sent
      # @return [FilledFields] self
      # @raise [CrmSync::RemoteError] when Salesforce refuses the sign-in, has no quota left, does not answer in time,
      #   or answers with a server error
      def read(going)
        filling = going.reject { |_, write_back| write_back.overwrite }
        by_field = filling.keys.group_by { |row| filling[row].field }
        @found = by_field.to_h { |field, rows| [field, found(rows.map(&:record_id).uniq, field)] }
        self
      end

      # @param write_back [Declaration::WriteBack]
      # @param row [CrmSync::DueRows::Row]
      # @return [Boolean] whether the write-back writes only where there is no value, and the contact has one
      # @raise [CrmSync::RemoteError] when the field could not be read
      def keep?(write_back, row)
        return false if write_back.overwrite

        found = @found.fetch(write_back.field)
        raise found if found.is_a?(RemoteError)

        record = found[row.record_id]
        !record.nil? && !Blank.blank?(value(record, write_back.field))
      end

      private

      # Reads one field at a time, so that a field that cannot be read prevents no other from being written.
      def found(ids, field)
        ids.zip(@contacts.call(ids, ["Id", field])).to_h.compact
      rescue RemoteError => e
        raise if Outage.everybodys?(e) || Outage.unanswered?(e)

        e
      end

      # Finds the field regardless of letter case, because Salesforce returns its name as it is defined, in whatever
      # letter case it is queried.
      def value(record, field)
        name = record.keys.find { |key| key.casecmp?(field) }
        record.fetch(name || field)
      end
    end
    private_constant :FilledFields
  end
end
