# frozen_string_literal: true

require_relative "selection"
require_relative "user_query"

module CrmSync
  module Contacts
    # Both sides, read at the same time: Salesforce on the core's threads, the database on this one.
    # @api private
    class Reading
      def initialize(schema, org, log)
        @schema = schema
        @declaration = schema.declaration
        @org = org
        @log = log
      end

      # @yieldparam session [CrmSync::Native::ContactSession] that has read both sides
      # @return [Object] what the block gives
      def open
        session = Native::ContactSession.start(@org, sources, @log.severity)
        database = Database.for(@schema.connection)
        database.stream(UserQuery.new(@schema, database).to_sql) { |rows| session.read(rows) }
        session.finish(@log.to_proc)
        yield session
      rescue RemoteError => e
        raise named_line(e) || e
      ensure
        session&.stop
      end

      private

      def sources
        integer = @schema.model.columns_hash[@schema.model.primary_key].type == :integer
        { contacts: contacts, leads: leads, columns: @schema.columns.size, integer_keys: integer }
      end

      def contacts
        selection = Selection.new(@declaration.contacts)
        attributes = @declaration.attributes.map { |attribute| attribute.paths.map { |path| selection.add_with_parent(path) } }
        parents = selection.parents
        selection.to_native.merge(attributes: attributes, parents: parents)
      end

      def leads
        return unless @declaration.lead_rules

        selection = Selection.new(@declaration.leads)
        status = selection.add(@declaration.lead_rules.from)
        selection.to_native.merge(status: status)
      end

      # A field that Salesforce does not know is a mistake in the declaration, or a permission that is missing.
      def named_line(error)
        return unless %w[INVALID_FIELD INVALID_TYPE].include?(error.code)

        line = lines.find { |name, _| error.message.match?(/'#{Regexp.escape(name)}'/i) }&.last
        MappingError.new([line, "#{error.message}; correct the name, or let the integration user see it"].compact.join(": "))
      end

      def lines
        sources = [@declaration.contacts, @declaration.leads].compact
        found = sources.flat_map { |source| source.emails.map { |name| [name, source.line] } }
        found += @declaration.attributes.flat_map { |attribute| attribute.paths.map { |path| [path.split(".").last, attribute.line] } }
        found << [@declaration.lead_rules.from, @declaration.lead_rules.line] if @declaration.lead_rules
        # Last, because Salesforce names the object also where only a field is wrong.
        found + sources.map { |source| [source.object, source.line] }
      end
    end
  end
end
