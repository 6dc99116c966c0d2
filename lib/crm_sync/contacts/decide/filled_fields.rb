# frozen_string_literal: true

require_relative "../../sync/blank"

module CrmSync
  module Contacts
    # Reads what contacts have in the fields of write-backs that only fill, right before they go.
    class FilledFields
      # @param declaration [Declaration]
      # @param contacts [Proc, nil] reads contacts: it is given their ids and the names of fields, and returns a record
      #   or nil for each id
      def initialize(declaration, contacts)
        @fields = declaration.write_backs.reject(&:overwrite).map(&:field).uniq
        @contacts = contacts
      end

      # @param going [Hash{CrmSync::OutboxRow => Declaration::WriteBack}]
      # @return [FilledFields] self
      # @raise [CrmSync::RemoteError]
      def read(going)
        ids = going.reject { |_, write_back| write_back.overwrite }.keys.map(&:record_id).uniq
        @found = ids.empty? ? {} : ids.zip(@contacts.call(ids, ["Id", *@fields])).to_h.compact
        self
      end

      # @param write_back [Declaration::WriteBack]
      # @param row [CrmSync::OutboxRow]
      # @return [Boolean] whether the write-back only fills, and the contact has a value
      def keep?(write_back, row)
        !write_back.overwrite && !Blank.blank?(@found.dig(row.record_id, write_back.field))
      end
    end
    private_constant :FilledFields
  end
end
