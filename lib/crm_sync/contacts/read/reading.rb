# frozen_string_literal: true

require_relative "../../notices/refused_query"
require_relative "../../salesforce/described_fields"
require_relative "declared_paths"
require_relative "need"
require_relative "selection"
require_relative "user_query"

module CrmSync
  module Contacts
    # Reads both sides at the same time: Salesforce in the core's threads, the database in this one.
    class Reading
      # Seconds that the read waits for a table that somebody else has locked.
      LOCK_WAIT = 30.0
      # The field of a lead that names the contact that it became.
      CONVERTED = DeclaredPaths::CONVERTED

      # @return [Extent, Part] how much is read of contacts and leads
      attr_reader :extent

      # @param schema [CrmSync::Contacts::Schema]
      # @param org [CrmSync::Native::Salesforce]
      # @param host [CrmSync::Host]
      # @param extent [Extent, Part]
      # @param everybody [Boolean] whether users to whom nothing can happen are read, too
      # @param people [Proc, nil] returns the keys of the users to read, for a session that has read contacts and leads;
      #   nil for all users
      def initialize(schema, org, host, extent, everybody: false, people: nil)
        @schema = schema
        @extent = extent
        @everybody = everybody
        @people = people
        @declaration = schema.declaration
        @org = org
        @host = host
      end

      # @yieldparam session [CrmSync::Native::ContactSession] a session that has read both sides
      # @return [Object] the result of the block
      def open(&)
        Database.for(@schema.connection).patient(LOCK_WAIT) { read(&) }
      end

      private

      def read
        # Starts the fetch before the database is read, so that both go on at the same time.
        @org.prepare(@host)
        session = Native::ContactSession.start(@org, sources, @host)
        read_users(session)
        yield session
      rescue RemoteError => e
        raise named_line(e) || e
      ensure
        session&.stop(@org, @host)
      end

      # Reads only the users who are needed, if that is worth waiting for contacts and leads; otherwise reads all users
      # meanwhile.
      def read_users(session)
        return read_all(session, users: @people.call(session)) if @people

        need = Need.new(@schema, database)
        return read_all(session) if @everybody || !database.limited { need.possible? && need.count }

        # Reads again if a contact was looked up and has values by which no user was searched for.
        nil until read_needed(session, need)
      end

      def read_all(session, users: nil)
        database.stream(UserQuery.new(@schema, database, users:).to_sql) { |rows| session.read(rows, @host) }
        session.finish(@org, @host)
      end

      # Returns whether the reading has ended.
      def read_needed(session, need)
        count, values = session.wanted_values(@host)
        Database.wake(@schema.connection)
        return read_all(session) unless need.pays?(count)

        query = NeededQuery.new(@schema, database).to_sql(need.users)
        database.stream(query, values) { |rows| session.read(rows, @host) }
        session.finish(@org, @host)
      end

      def database
        Database.for(@schema.connection)
      end

      def sources
        kinds = @schema.keys.flat_map { |key| key.tiers.map { key.kind.to_s } }
        { **@extent.of(contacts:, leads:), kinds:, columns: @schema.columns.size, integer_keys: @schema.integer_keys? }
      end

      def contacts
        selection = Selection.new(@declaration.contacts, @schema.keys.map { |key| [key.kind, key.to] })
        attributes = @declaration.attributes.map do |attribute|
          attribute.paths.map { |path| selection.add_with_parents(path) }
        end
        parents = selection.parents
        selection.to_native.merge(attributes:, parents:, ignored:)
      end

      def leads
        return unless @declaration.leads_matter?

        selection = Selection.new(@declaration.leads, @schema.keys.map { |key| [key.kind, key.leads] })
        status = selection.add(@declaration.lead_rules.from) if @declaration.lead_rules
        converted = selection.add(CONVERTED) if converted?
        selection.to_native.merge(status:, converted:, ignored:)
      end

      def ignored
        @declaration.ignored.to_a
      end

      # Returns whether leads are read with the contact that they became. Stored leads say nothing without it, so then
      # the field must exist. Otherwise the org is asked first, because it refuses a query for a field that does not
      # exist or that the integration user may not see.
      def converted?
        return true if @declaration.stored_lead
        return false unless @declaration.lead_rules.rules.any?(&:all)

        @org.describe(@declaration.leads.object, @host).any? { |field| field.name == CONVERTED }
      rescue RemoteError => e
        raise unless Internal::DescribedFields::UNDESCRIBED.include?(e.status)

        false
      end

      # Returns the error about an unknown field as one that names the line, because it is a mistake in the declaration,
      # or a missing permission.
      def named_line(error)
        refused = RefusedQuery.new(error)
        sources = refused.named_first([@declaration.contacts, @declaration.leads].compact)
        paths = DeclaredPaths.new(@declaration)
        refused.mistake(sources, paths.contacts + paths.leads)
      end
    end
    private_constant :Reading
  end
end
