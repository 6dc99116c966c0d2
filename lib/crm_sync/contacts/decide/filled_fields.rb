# frozen_string_literal: true

require_relative "../../sync/blank"

module CrmSync
  module Contacts
    # Reads what contacts have in the fields of write-backs that only fill, right before they go.
    class FilledFields
      # @param contacts [Proc, nil] reads contacts: it is given their ids and the names of fields, and returns a record
      #   or nil for each id
      def initialize(contacts)
        @contacts = contacts
      end

      # @param going [Hash{CrmSync::DueRows::Row => Declaration::WriteBack}]
      # @return [FilledFields] self
      # @raise [CrmSync::RemoteError] where it is Salesforce that does not work
      def read(going)
        filling = going.reject { |_, write_back| write_back.overwrite }
        by_field = filling.keys.group_by { |row| filling[row].field }
        @found = by_field.to_h { |field, rows| [field, found(rows.map(&:record_id).uniq, field)] }
        self
      end

      # @param write_back [Declaration::WriteBack]
      # @param row [CrmSync::DueRows::Row]
      # @return [Boolean] whether the write-back only fills, and the contact has a value
      # @raise [CrmSync::RemoteError] where the field cannot be read
      def keep?(write_back, row)
        return false if write_back.overwrite

        found = @found.fetch(write_back.field)
        raise found if found.is_a?(RemoteError)

        record = found[row.record_id]
        !record.nil? && !Blank.blank?(value(record, write_back.field))
      end

      private

      # One field at a time: one that cannot be read keeps no other from being written.
      def found(ids, field)
        ids.zip(@contacts.call(ids, ["Id", field])).to_h.compact
      rescue RemoteError => e
        raise if Outage.everybodys?(e) || Outage.unanswered?(e)

        e
      end

      # Salesforce names a field as it is defined, in whatever letter case it is asked for.
      def value(record, field)
        name = record.keys.find { |key| key.casecmp?(field) }
        record.fetch(name || field)
      end
    end
    private_constant :FilledFields
  end
end
